// Tar and zip archives seen as image sets.
//
// Members named as pictures and not hidden are the images, or .npy members of one picture
// each. A link, or a name that leads out of the archive ("/etc/a.png", "../a.png"), is an
// image that can't be read, and so is the rest of an archive that is damaged.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "lib/base/file_kind.hpp"
#include "lib/image/image_set.hpp"

namespace diffusion {

/// Whether what begins with `front` is an archive of pictures: a tar, or a zip but for NumPy's.
bool is_archive_of_pictures(FileKind kind, std::string_view front);
/// The same of a file; of pipes, folders and what is not there, none is.
bool is_archive_of_pictures(const std::string& path);

/// The pictures of archive files, one archive after the other, each in its order, named by their
/// path in it; labels are find_labels' for all of them together. Members of a tar that is not
/// packed, and of a zip, are read where they lie when they are asked for; others come but once.
/// Throws Error when an archive has no picture, and when it has arrays too.
ImageSet open_archives(const std::vector<std::string>& paths, const ImageSetOptions& options);

/// The same for what comes on standard input, read once: their number is not known, and
/// there are no labels. next() throws Error when the stream ends without a picture, and at
/// the first that is not of the kind before it.
ImageSet open_archive_stream(std::shared_ptr<InputFile> stream, const ImageSetOptions& options);

}  // namespace diffusion
