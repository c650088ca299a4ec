// What several families share: ramps, ranges and limits of beta, curves of alpha_bar.
#pragma once
#include <functional>

#include "lib/schedule/schedule.hpp"

namespace diffusion {

/// (t - 1)/(T - 1) in [0, 1]; a ramp of one step is its start.
inline double ramp(int t, int steps) { return steps == 1 ? 0 : double(t - 1) / (steps - 1); }

struct BetaRange {
  double start, end;
  double at(double share) const { return start + share * (end - start); }
};

/// Takes beta_start and beta_end, each in [0, 1].
BetaRange beta_range(Params& params, BetaRange fallback = {1e-4, 0.02});

struct BetaLimits {
  double min, max;
};

/// Takes min_beta and max_beta. A max_beta below 1 keeps a last step, where alpha_bar
/// reaches 0, invertible.
BetaLimits beta_limits(Params& params);

/// beta(t) for t = 1..T, limited.
Schedule from_beta_function(int steps, BetaLimits limits, const std::function<double(int)>& beta);

/// beta = 1 - alpha_bar(t/T)/alpha_bar((t-1)/T), limited: alpha_bar need not start at 1.
Schedule from_alpha_bar_curve(int steps, BetaLimits limits,
                              const std::function<double(double)>& alpha_bar);

}  // namespace diffusion
