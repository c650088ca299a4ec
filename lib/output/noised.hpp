// Pictures of the forward process at work: a contact sheet, an animation.
#pragma once
#include <string>
#include <vector>

#include "lib/image/image.hpp"
#include "lib/noise/noising.hpp"
#include "lib/output/store.hpp"

namespace diffusion {

/// An image and its versions, for people to look at.
struct ShownImage {
  Image clean;
  std::vector<LevelAsked> levels;
  std::vector<SharedImage> versions;
};

/// Writes a row an image: the clean one, unless the first level is, then each version,
/// labelled with t and SNR.
void write_noised_strip(const std::string& path, const std::vector<ShownImage>& rows);

struct AnimationLook {
  std::size_t images;  // side by side, from the first
  int frames_a_second;
};

/// Writes a GIF that begins with the clean images and goes through their levels in
/// order, each written above.
void write_noised_gif(const std::string& path, const std::vector<ShownImage>& images,
                      const AnimationLook& look);

}  // namespace diffusion
