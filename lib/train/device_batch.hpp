// A batch on its way to a device.
#pragma once
#include <vector>

#include "lib/nn/tape.hpp"
#include "lib/train/device_program.hpp"
#include "lib/xla/client.hpp"

namespace diffusion {

/// What the arguments of a batch follow from, besides itself.
struct BatchForm {
  const nn::Graph& graph;
  const StepPlan& plan;
  const Objective& objective;
  PhiloxKey key;  // of what is drawn in training
};

/// The group "batch" of device_program.hpp. `batch` has plan.images.n images.
std::vector<xla::Buffer> upload_batch(const BatchForm& form, const Batch& batch,
                                      xla::Client& client, int device);

}  // namespace diffusion
