// What a training runs on, where that is not the processor.
#pragma once
#include <memory>

#include "lib/xla/executable_cache.hpp"

namespace diffusion {

struct TrainingDevice {
  std::shared_ptr<xla::Client> client = nullptr;  // none: the processor
  xla::CompileWatch watch = {};                   // of what steps run
  xla::BatchWatch evaluation = {};
};

}  // namespace diffusion
