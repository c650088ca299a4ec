#include "lib/fid/metrics/neighbours.hpp"

#include <algorithm>
#include <cmath>

namespace diffusion {

std::vector<SampleReport> report_neighbours(const RowsView& real, const RowsView& samples) {
  const auto of_real = nearest_neighbours(samples, real, 2, Among::other_set);
  const auto of_samples = nearest_neighbours(samples, samples, 1, Among::same_set);
  std::vector<SampleReport> reports;
  for (std::size_t i = 0; i < samples.count; ++i) {
    const double distance = std::sqrt(of_real[i][0].square),
                 second = std::sqrt(of_real[i][1].square);
    reports.push_back({.sample = i,
                       .nearest = of_real[i][0].index,
                       .distance = distance,
                       .second = second,
                       .ratio = second > 0 ? distance / second : 0,
                       .twin = of_samples[i][0].index,
                       .twin_distance = std::sqrt(of_samples[i][0].square)});
  }
  std::ranges::stable_sort(reports, {}, &SampleReport::ratio);
  return reports;
}

MemorisationSummary summarise(const std::vector<SampleReport>& reports, double threshold) {
  MemorisationSummary out;
  for (const SampleReport& report : reports) {
    if (report.ratio < threshold) ++out.copies;
    // The nearest of equal samples is the first of them, and the first's is the second.
    if (report.twin_distance == 0 && report.twin < report.sample) ++out.duplicates;
  }
  return out;
}

}  // namespace diffusion
