// How much each noise level counts in the loss.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/registry.hpp"
#include "lib/noise/prediction.hpp"

namespace diffusion {

/// The factor of || target - output ||^2 at a level, for a network that predicts
/// `prediction`.
using LossWeight = std::function<double(Prediction prediction, const NoiseLevel& at)>;

/// Rows other than uniform are weights W of || x0 - x0_hat ||^2 and are carried
/// over to what the network predicts, exactly.
struct LossWeightInfo {
  std::string_view name, summary, reference;
  LossWeight (*make)(Params& params);

  static std::span<const Synonym> synonyms();
};

std::span<const LossWeightInfo> loss_weights();
LossWeight make_loss_weight(const std::string& spec);  // throws Error

}  // namespace diffusion
