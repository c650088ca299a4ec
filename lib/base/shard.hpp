// A part of a numbered set: how several machines share one piece of work.
#pragma once
#include <cstddef>

namespace diffusion {

/// Members [first, first + count).
struct Range {
  std::size_t first, count;
};

/// Part `number` (from 1) of `of`: members floor((number - 1) n / of) to floor(number n / of).
struct Shard {
  std::size_t number = 1, of = 1;

  Range part_of(std::size_t n) const {
    const auto end = [&](std::size_t parts) { return n / of * parts + n % of * parts / of; };
    return {end(number - 1), end(number) - end(number - 1)};
  }
};

}  // namespace diffusion
