#include "lib/output/kept_pictures.hpp"

#include <cassert>

#include "lib/image/pixels.hpp"

namespace diffusion {

KeptPictures::KeptPictures(Shape shape, std::size_t count)
    : shape_(std::move(shape)), count_(count), samples_(count * values(), 255) {}

void KeptPictures::put(std::size_t at, const float* from) {
  assert(at < count_);
  to_samples({from, values()}, samples_.data() + at * values());
}

Image KeptPictures::operator[](std::size_t at) const {
  assert(at < count_);
  Image image{Tensor(shape_), Depth::uint8};
  to_values(std::span(samples_).subspan(at * values(), values()), image.pixels.data());
  return image;
}

}  // namespace diffusion
