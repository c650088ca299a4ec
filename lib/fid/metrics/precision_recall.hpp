// What share of the samples lies among the real images, and what share of the real images
// lies among the samples.
// Kynkaanniemi et al. 2019, "Improved Precision and Recall Metric for Assessing Generative
// Models".
#pragma once
#include "lib/fid/metrics/metric.hpp"
#include "lib/fid/metrics/pairs.hpp"

namespace diffusion {

/// `k`, and `ties` (inside, outside; the first of `choices` is the default): what both
/// metrics of neighbourhoods take.
struct Neighbourhood {
  std::size_t k;
  Ties ties;
};
Neighbourhood take_neighbourhood(Params& params, std::int64_t k,
                                 const std::vector<std::string>& choices);

/// `precision`, `recall`: parts that lie within the k-th (3) nearest neighbour's distance
/// of any image of the other set. What lies exactly at that distance counts (ties=inside),
/// as in the authors' program and torch-fidelity; it does not in prdc (ties=outside).
Metric precision_recall_metric(Params& params, const std::uint64_t& seed);

}  // namespace diffusion
