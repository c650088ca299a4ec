// The loss of a batch (loss.hpp, variational_loss.hpp) in a program.
#pragma once
#include <vector>

#include "lib/train/variational_loss.hpp"
#include "lib/xla/operations.hpp"

namespace diffusion {

/// How many numbers a program is told of each image.
std::int64_t loss_constants_of(const LossKind& loss);

/// Those, image after image. `batch` is whole or a part of one; its weights are its own.
std::vector<float> loss_constants(const LossKind& loss, const Objective& objective,
                                  const Batch& batch);

/// f32: what the network says, N x H x W x C, or 2C with a learned variance; what it saw and
/// should say, N x H x W x C; loss_constants, N x so many.
struct DeviceLossInput {
  xla::Value output, images, target, constants;
};

/// Of N images of a batch of `batch`: each image's own loss, N, whose mean over the batch is the
/// loss, and the loss's derivative by `output`.
struct DeviceLoss {
  xla::Value each, derivative;
};
DeviceLoss device_loss(const LossKind& loss, const DeviceLossInput& in, std::uint64_t batch);

}  // namespace diffusion
