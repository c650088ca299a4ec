// What networks with a learned variance are trained on.
// Nichol and Dhariwal 2021, "Improved Denoising Diffusion Probabilistic Models", Sec. 3.1.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/params.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/train/batch.hpp"

namespace diffusion {

/// The loss is simple x (weighted squared error) + bound x (the variational bound in bits
/// per dimension, an estimate of its sum over t). With a bound, the network's output has
/// twice the channels: what it predicts, then its variances as 2 v - 1 (Eq. 15).
struct LossKind {
  double simple = 1, bound = 0;
  bool learns_variance() const { return bound > 0; }
};

struct LossKindInfo {
  std::string_view name, summary, reference;
  LossKind (*make)(Params& params);
};
std::span<const LossKindInfo> loss_kinds();
LossKind make_loss_kind(const std::string& spec);  // throws Error

/// Adds the bound's part for `batch`, and its derivative by `output` (N x H x W x 2C);
/// where the squared error counts too, the bound does not move the mean (its derivative
/// by the first C channels is left out, Sec. 3.1). Each image's part is added to `each`.
/// Levels must be steps of the schedule; the last term is that of 8-bit values.
double add_variational_bound(const LossKind& kind, const Objective& objective, const Batch& batch,
                             std::span<const float> output, std::span<float> derivative,
                             std::span<double> each);

}  // namespace diffusion
