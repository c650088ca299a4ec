// Picture files seen as image sets.
#pragma once
#include <string>
#include <vector>

#include "lib/base/json.hpp"
#include "lib/image/image_set.hpp"
#include "lib/image/labels.hpp"

namespace diffusion {

/// One picture file, named by its base name.
ImageSet open_picture(const std::string& path, const ImageSetOptions& options);

/// All pictures below a folder, or all arrays of one picture each, named by their path below
/// it; labels from options.labels, else dataset.json in the folder, else its sub-folders.
/// Throws Error when there is no picture, and when there are both.
ImageSet open_folder(const std::string& folder, const ImageSetOptions& options);

/// The pictures, also arrays of one, that a list names, in its order; each named by its path
/// without what leads up or to the root. Throws Error for an empty list.
ImageSet open_list(const FileList& list, const ImageSetOptions& options);

/// A dataset.json that came with the pictures, if there is one.
struct Dataset {
  std::string culprit = "";
  std::optional<Json> json = {};
};

/// The labels of pictures by their names: as options.labels says, else by the dataset,
/// else by sub-folders. Throws Error.
Labels find_labels(const std::vector<std::string>& names, const Dataset& dataset,
                   const ImageSetOptions& options);

}  // namespace diffusion
