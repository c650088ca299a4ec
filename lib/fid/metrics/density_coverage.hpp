// Precision and recall that one outlier among the real images cannot inflate.
// Naeem et al. 2020, "Reliable Fidelity and Diversity Metrics for Generative Models".
#pragma once
#include "lib/fid/metrics/metric.hpp"

namespace diffusion {

/// `density` (Eq. 5): how many real neighbourhoods (k, 5) a sample lies in, divided by k; may
/// exceed 1. `coverage` (Eq. 6): part of the real neighbourhoods that hold a sample. What
/// lies exactly on the edge does not count, as in the authors' program (ties=outside).
Metric density_coverage_metric(Params& params, const std::uint64_t& seed);

}  // namespace diffusion
