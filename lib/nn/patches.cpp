#include "lib/nn/patches.hpp"

#include <cstring>

namespace diffusion::nn {
namespace {

/// Calls body(pixel of the image, byte of the patches, bytes) for each row of each patch, which
/// lies together in both. `image`: its size.
template <class Body>
void for_each_patch_row(const Dims& image, std::int64_t height, std::int64_t width,
                        std::size_t pixel_bytes, Body&& body) {
  const std::size_t row = std::size_t(width) * pixel_bytes;
  std::size_t patch = 0;
  for (std::int64_t n = 0; n < image.n; ++n)
    for (std::int64_t y = 0; y < image.h; y += height)
      for (std::int64_t x = 0; x < image.w; x += width)
        for (std::int64_t i = 0; i < height; ++i, patch += row)
          body(std::size_t((n * image.h + y + i) * image.w + x) * pixel_bytes, patch, row);
}

std::byte* bytes(const Tensor& x) { return static_cast<std::byte*>(x.data()); }

}  // namespace

Tensor patches(const Tensor& x, std::int64_t height, std::int64_t width) {
  const Dims d = x.dims();
  const Tensor y(Dims{d.n, d.h / height, d.w / width, height * width * d.c}, x.dtype());
  for_each_patch_row(d, height, width, std::size_t(d.c) * bytes_per_element(x.dtype()),
                     [&](std::size_t image, std::size_t patch, std::size_t count) {
                       std::memcpy(bytes(y) + patch, bytes(x) + image, count);
                     });
  return y;
}

Tensor unpatched(const Tensor& x, std::int64_t height, std::int64_t width) {
  const Dims d = x.dims();
  const Dims image{d.n, d.h * height, d.w * width, d.c / (height * width)};
  const Tensor y(image, x.dtype());
  for_each_patch_row(image, height, width, std::size_t(image.c) * bytes_per_element(x.dtype()),
                     [&](std::size_t at, std::size_t patch, std::size_t count) {
                       std::memcpy(bytes(y) + at, bytes(x) + patch, count);
                     });
  return y;
}

}  // namespace diffusion::nn
