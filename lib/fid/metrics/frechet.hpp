// The Frechet distance between two sets of features, taken as Gaussians.
// Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule Converge to a
// Local Nash Equilibrium" (the distance: Dowson and Landau 1982). Of spatial features:
// Nash et al. 2021, "Generating Images with Sparse Representations".
#pragma once
#include "lib/fid/metrics/metric.hpp"
#include "lib/fid/statistics.hpp"

namespace diffusion {

/// |m1 - m2|^2 + Tr(S1 + S2 - 2 (S1 S2)^(1/2)), in the squared units of the features.
/// Never negative, complex or NaN, also where covariances are singular. Throws Error
/// when the sets are not comparable, have one image, or a covariance is indefinite.
double frechet_distance(const FeatureStatistics& a, const FeatureStatistics& b);

/// `frechet_distance`, `spatial_frechet_distance`. No parameters.
Metric frechet_metric(Params& params, const std::uint64_t& seed);
Metric spatial_frechet_metric(Params& params, const std::uint64_t& seed);

}  // namespace diffusion
