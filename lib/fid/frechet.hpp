// The Frechet distance between two sets of features, taken as Gaussians.
// Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule Converge to a
// Local Nash Equilibrium" (the distance: Dowson and Landau 1982).
#pragma once
#include "lib/fid/statistics.hpp"

namespace diffusion {

/// |m1 - m2|^2 + Tr(S1 + S2 - 2 (S1 S2)^(1/2)), in the squared units of the features.
/// Never negative, complex or NaN, also where covariances are singular. Throws Error
/// when the sets are not comparable, have one image, or a covariance is indefinite.
double frechet_distance(const FeatureStatistics& a, const FeatureStatistics& b);

}  // namespace diffusion
