// One image on its way through diff-noise.
#pragma once
#include <string>
#include <vector>

#include "lib/image/image_set.hpp"
#include "lib/noise/noising.hpp"

namespace diffusion {

/// What is to be made of one image, settled before any pixel is read.
struct NoiseJob {
  ImageEntry entry;
  std::size_t index = 0;  // among the images that were opened
  std::vector<LevelAsked> levels = {};
  // One a level, below where they go; empty for an array.
  std::vector<std::string> names = {}, eps_names = {};
};

}  // namespace diffusion
