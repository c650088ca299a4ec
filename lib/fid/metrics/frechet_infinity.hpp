// The Frechet distance at infinitely many samples, from its growth with 1/n.
// Chong and Forsyth 2020, "Effectively Unbiased FID and Inception Score and Where to Find
// Them".
#pragma once
#include "lib/fid/metrics/metric.hpp"

namespace diffusion {

/// `frechet_infinity`: where the straight line through the distances at `points` (15)
/// numbers of samples, evenly spaced from `least` (a tenth of them) to all, meets 1/n = 0.
/// The set of size number p is draw p of DrawPurpose::infinity. The reference is taken
/// whole each time. May be negative where two sets are alike.
Metric frechet_infinity_metric(Params& params, const std::uint64_t& seed);

}  // namespace diffusion
