// Squared maximum mean discrepancy with a Gaussian kernel, for embeddings of length 1.
// Jayasumana et al. 2024, "Rethinking FID: Towards a Better Evaluation Metric for Image
// Generation".
#pragma once
#include "lib/fid/metrics/metric.hpp"

namespace diffusion {

/// `cmmd`: scale (1000) times the squared discrepancy with the kernel
/// exp(-|x - y|^2 / (2 sigma^2)), sigma 10; with the pairs of an image and itself, as
/// their authors' program has it, so that equal sets are at 0 and no value is negative.
Metric cmmd_metric(Params& params, const std::uint64_t& seed);

}  // namespace diffusion
