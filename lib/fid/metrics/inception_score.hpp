// How sure a classifier is of each sample, and how varied it finds them all:
// exp E KL(p(y|x) || p(y)).
// Salimans et al. 2016, "Improved Techniques for Training GANs".
#pragma once
#include "lib/fid/metrics/metric.hpp"

namespace diffusion {

/// Of logits (n x classes), before the softmax. n at least 1.
double inception_score(const RowsView& logits);

/// `inception_score_mean`, `inception_score_std` over `splits` (10) parts, with divisor
/// `splits`. order=dealt (the default): sample i is of part i mod splits, which also suits
/// samples sorted by class; order=contiguous: parts of neighbours, as in the authors'
/// program, from floor(k n / splits) on.
Metric inception_score_metric(Params& params, const std::uint64_t& seed);

}  // namespace diffusion
