// Tar and zip archives seen as image sets.
//
// Members named as pictures and not hidden are the images, or .npy members of one picture
// each. A link, or a name that leads out of the archive ("/etc/a.png", "../a.png"), is an
// image that can't be read, and so is the rest of an archive that is damaged.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "lib/image/archive_members.hpp"
#include "lib/image/image_set.hpp"

namespace diffusion {

/// Whether a file is an archive of pictures; of pipes, folders and what is not there, none is.
bool is_archive_of_pictures(const std::string& path);
/// Whether a file is called as archives of pictures are.
bool is_archive_name(const std::string& path);

/// What becomes of an archive of which there is no image: it is an Error, or, where others have
/// some, one image that can't be read.
enum class WithoutImages { refused, left_out };

/// The pictures of archive files, one archive after the other, each in its order, named by their
/// path in it; labels are find_labels' for all of them together. Members of a tar that is not
/// packed, and of a zip, are read where they lie when they are asked for; others come but once.
/// Throws Error when an archive has pictures and arrays too.
ImageSet open_archives(const std::vector<std::string>& paths, const ImageSetOptions& options,
                       WithoutImages unreadable = WithoutImages::refused);

/// The same for what comes on standard input, read once: their number is not known, and
/// there are no labels. next() throws Error when the stream ends without a picture, and at
/// the first that is not of the kind before it.
ImageSet open_archive_stream(std::shared_ptr<InputFile> stream, const ImageSetOptions& options);

}  // namespace diffusion
