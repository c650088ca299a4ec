// Samples that copy an image of the training set, or each other.
// Yoon et al. 2023, "Diffusion Probabilistic Models Generalize when They Fail to Memorize":
// a sample is a copy when its nearest training image is several times nearer than its
// second-nearest.
#pragma once
#include <vector>

#include "lib/fid/metrics/pairs.hpp"

namespace diffusion {

/// One sample beside its nearest images.
struct SampleReport {
  std::size_t sample;    // row of the samples
  std::size_t nearest;   // row of the real images
  double distance;       // to it
  double second;         // to the next one
  double ratio;          // distance / second; 0 / 0 is 0
  std::size_t twin;      // nearest of the other samples
  double twin_distance;  // to it
};

/// A row a sample, those with the smallest ratio first. Needs two images of each.
std::vector<SampleReport> report_neighbours(const RowsView& real, const RowsView& samples);

struct MemorisationSummary {
  std::size_t copies = 0;      // samples with a ratio below the threshold
  std::size_t duplicates = 0;  // samples that equal another, each group counted less one
};

MemorisationSummary summarise(const std::vector<SampleReport>& reports, double threshold);

}  // namespace diffusion
