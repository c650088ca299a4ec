// The learning rate of every step: a linear warm-up, then a decay.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/params.hpp"

namespace diffusion {

/// The factor at a point u of [0, 1] from the end of the warm-up to the last step.
using Decay = std::function<double(double u)>;

struct DecayInfo {
  std::string_view name, summary, reference;
  Decay (*make)(Params& params);
};

/// cosine, linear, constant.
std::span<const DecayInfo> decays();
Decay make_decay(const std::string& spec);  // throws Error

struct LearningRate {
  double peak;
  std::uint64_t warmup, steps;  // `steps` in all, of which the first `warmup` rise
  Decay decay;

  /// At `step` (0 .. steps - 1): peak (step + 1) / warmup, then peak decay(u). The
  /// warm-up does not depend on `steps`.
  double at(std::uint64_t step) const;
};

}  // namespace diffusion
