// Loops over all weights whose result does not depend on the number of threads.
#pragma once
#include <algorithm>
#include <cstddef>

#include "lib/base/parallel.hpp"

namespace diffusion {

/// Work on flat arrays is cut here whatever the number of threads, so that every
/// element is met by the same instructions (vector body or scalar rest) always.
inline constexpr std::size_t block_size = 4096;

constexpr std::size_t block_count(std::size_t count) {
  return (count + block_size - 1) / block_size;
}

/// Calls body(block, begin, end) for every block of [0, count), on all threads.
template <class Body>
void for_each_block(std::size_t count, const Body& body) {
  constexpr std::size_t worth_a_thread = 128;
  parallel_ranges(block_count(count), worth_a_thread, [&](std::size_t first, std::size_t last) {
    for (std::size_t block = first; block < last; ++block)
      body(block, block * block_size, std::min(count, (block + 1) * block_size));
  });
}

}  // namespace diffusion
