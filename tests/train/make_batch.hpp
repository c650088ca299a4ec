// A whole batch at once.
#pragma once
#include "lib/train/batch.hpp"

namespace diffusion {

inline Batch make_batch(BatchMaker& maker, std::uint64_t first, std::size_t count) {
  return maker.batch_of(maker.examples(first, count));
}

}  // namespace diffusion
