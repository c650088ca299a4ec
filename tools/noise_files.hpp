// Where diff-noise writes pictures.
#pragma once
#include <string>
#include <vector>

#include "lib/image/image_set.hpp"

namespace diffusion {

/// The files of one input, one a step.
struct PlannedFiles {
  ImageEntry entry;
  std::vector<std::string> paths;
};

struct FilePlan {
  std::string folder;               // ends in '/'
  std::string extension = "";       // ".exr": of all files; "": each input's own
  std::vector<std::int64_t> steps;  // several add ".tN" before the extension
};

/// What is written for each entry: its path below DATA under the folder (the row's
/// six digits for an array), as PNG where the input's own format can't be written.
/// Makes the folders. Throws Error when two inputs would write one file, or one
/// would replace a file of `data`.
std::vector<PlannedFiles> plan_files(const ImageSet& set, const FilePlan& plan,
                                     const std::vector<std::string>& data);

/// How `path` stores what came from an image of `depth`: TIFF and OpenEXR as
/// floats, the others in 16 bits where the image had them, else in 8.
Depth depth_written(const std::string& path, Depth depth);

}  // namespace diffusion
