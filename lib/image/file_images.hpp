// Picture files seen as image sets.
#pragma once
#include <string>

#include "lib/image/image_set.hpp"

namespace diffusion {

/// One picture file, named by its base name.
ImageSet open_picture(const std::string& path, const ImageSetOptions& options);

/// All pictures below a folder, named by their path below it; labels from
/// options.labels, else dataset.json in the folder, else its sub-folders. Throws
/// Error when there is no picture.
ImageSet open_folder(const std::string& folder, const ImageSetOptions& options);

}  // namespace diffusion
