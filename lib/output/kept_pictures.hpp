// Pictures kept until they are shown: many of one size, in 8 bits, which take a quarter of
// the memory that floats do.
#pragma once
#include <cstdint>
#include <vector>

#include "lib/image/image.hpp"

namespace diffusion {

class KeptPictures {
 public:
  KeptPictures(Shape shape, std::size_t count);  // white, each H x W x C

  std::size_t size() const { return count_; }
  /// Rounds and clips H x W x C values.
  void put(std::size_t at, const float* values);
  Image operator[](std::size_t at) const;

 private:
  std::size_t values() const { return shape_[0] * shape_[1] * shape_[2]; }

  Shape shape_;
  std::size_t count_;
  std::vector<std::uint8_t> samples_;
};

}  // namespace diffusion
