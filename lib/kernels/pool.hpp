// Pooling of one image, as the kernels that compute it see it.
#pragma once
#include <cstdint>

namespace diffusion::kernel {

/// Windows of `size` from each `stride`-th place on, beginning `pad` before the image;
/// what is outside the image is left out of them.
struct Windows {
  std::int64_t stride, pad;
  static constexpr std::int64_t size = 3;

  [[gnu::always_inline]] std::int64_t count(std::int64_t extent) const {
    return (extent + 2 * pad - size) / stride + 1;
  }
};

/// Height x width x channels, and how far the results of two windows are apart.
struct PoolShape {
  std::int64_t height, width, channels;
  Windows windows;
  std::int64_t apart;
};

}  // namespace diffusion::kernel
