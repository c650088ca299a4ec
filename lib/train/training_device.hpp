// What a training runs on, where that is not the processor.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>

#include "lib/xla/executable_cache.hpp"

namespace diffusion {

struct TrainingDevice {
  std::shared_ptr<xla::Client> client = nullptr;  // none: the processor
  xla::CompileWatch watch = {};                   // of what steps run
  /// Told of evaluations that were compiled: of how many images, and how long it took.
  std::function<void(std::size_t images, double seconds)> evaluation = {};
};

}  // namespace diffusion
