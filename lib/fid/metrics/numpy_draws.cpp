#include "lib/fid/metrics/numpy_draws.hpp"

#include <bit>
#include <cassert>
#include <limits>
#include <numeric>
#include <utility>

namespace diffusion {

std::uint32_t NumpyDraws::up_to(std::uint32_t most) {
  const std::uint32_t mask =
      std::numeric_limits<std::uint32_t>::max() >> std::countl_zero(most | 1U);
  for (;;)
    if (const auto word = std::uint32_t(words_()) & mask; word <= most) return word;
}

std::vector<std::size_t> NumpyDraws::permutation(std::size_t count) {
  assert(count <= std::numeric_limits<std::uint32_t>::max());
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t(0));
  for (std::size_t i = count; i-- > 1;) std::swap(order[i], order[up_to(std::uint32_t(i))]);
  return order;
}

std::vector<std::size_t> NumpyDraws::choice(std::size_t count, std::size_t chosen) {
  std::vector<std::size_t> order = permutation(count);
  order.resize(chosen);
  return order;
}

}  // namespace diffusion
