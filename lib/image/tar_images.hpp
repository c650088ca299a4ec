// Tar archives seen as image sets.
//
// Members named as pictures and not hidden are the images, or .npy members of one picture
// each. A link, or a name that leads out of the archive ("/etc/a.png", "../a.png"), is an
// image that can't be read, and so is the rest of an archive that is damaged.
#pragma once
#include <memory>
#include <string>

#include "lib/base/file_kind.hpp"
#include "lib/image/image_set.hpp"

namespace diffusion {

/// The pictures of an archive file of that kind, in its order, named by their path in it. Labels as
/// in a folder. The archive is gone through twice, first for the names. Throws Error
/// when there is no picture, and when there are arrays too.
ImageSet open_tar(const std::string& path, FileKind kind, const ImageSetOptions& options);

/// The same for what comes on standard input, read once: their number is not known, and
/// there are no labels. next() throws Error when the stream ends without a picture, and at
/// the first that is not of the kind before it.
ImageSet open_tar_stream(std::shared_ptr<InputFile> stream, const ImageSetOptions& options);

}  // namespace diffusion
