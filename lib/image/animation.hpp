// Animations, as GIF files.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "lib/image/image.hpp"

namespace diffusion {

struct AnimationPace {
  int frames_a_second = 10;
  double hold = 0;  // seconds that the last frame stays; 0: as long as the others
};

/// Frames of one shape, H x W x 1 or 3, kept in 8 bits.
class Animation {
 public:
  void add(const Image& frame);

  /// Writes them atomically, to go round without end. A frame has 256 colours, and its
  /// time is a multiple of 1/100 s. At least one frame. Throws Error where `path` does
  /// not end in .gif, or the frames are larger than 65535 pixels.
  void write(const std::string& path, const AnimationPace& pace) const;

 private:
  Shape shape_ = {};
  std::vector<std::vector<std::uint8_t>> frames_;  // RGB
};

}  // namespace diffusion
