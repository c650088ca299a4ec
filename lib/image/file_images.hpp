// Picture files seen as image sets.
#pragma once
#include <string>
#include <vector>

#include "lib/image/image_set.hpp"

namespace diffusion {

/// One picture file, named by its base name.
ImageSet open_picture(const std::string& path, const ImageSetOptions& options);

/// All pictures below a folder, or all arrays of one picture each, named by their path below
/// it; their labels are find_labels'. A folder without any may hold archives of pictures, which
/// are then the set. Throws Error when there is no picture, and when there are both.
ImageSet open_folder(const std::string& folder, const ImageSetOptions& options);

/// The pictures, also arrays of one, that a list names, in its order; each named by its path
/// without what leads up or to the root. Throws Error for an empty list.
ImageSet open_list(const FileList& list, const ImageSetOptions& options);

}  // namespace diffusion
