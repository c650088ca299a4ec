// The kernel distance: an unbiased estimate of the squared maximum mean discrepancy with
// the kernel (x.y/d + 1)^3, which needs no Gaussian and no covariance.
// Binkowski et al. 2018, "Demystifying MMD GANs".
#pragma once
#include "lib/fid/metrics/metric.hpp"

namespace diffusion {

/// Eq. 4 of Binkowski 2018 with the cubic kernel, of all pairs of n x d and m x d; n and m at
/// least 2. May be negative.
double kernel_distance(const RowsView& real, const RowsView& fake);

/// `kid_mean`, `kid_std`: over `subsets` (100) pairs of subsets of `size` (1000, or the
/// smaller set; a size that is given must not exceed either set) images each, drawn without
/// repetition; the deviation has divisor `subsets`. Subset s is draw s of DrawPurpose::kid_of_real
/// and kid_of_fake.
Metric kid_metric(Params& params, const std::uint64_t& seed);

/// `kid`: of all images at once. No parameters.
Metric kid_full_metric(Params& params, const std::uint64_t& seed);

}  // namespace diffusion
