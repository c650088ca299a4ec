#include "lib/rng/normal.hpp"

#include "lib/kernels/kernels.hpp"

namespace diffusion {

void fill_normal(std::span<float> out, const PhiloxKey& key, std::uint32_t c1, std::uint32_t c2,
                 std::uint32_t c3, std::uint64_t first) {
  kernels().fill_normal({{key[0], key[1]}, c1, c2, c3}, first, out.data(), out.size());
}

}  // namespace diffusion
