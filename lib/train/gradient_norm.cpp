#include "lib/train/gradient_norm.hpp"

#include <cmath>
#include <numeric>
#include <vector>

#include "lib/train/blocks.hpp"

namespace diffusion {
namespace {

/// Sixteen running sums: a fixed order that compilers may vectorise.
double sum_of_squares(std::span<const float> values) {
  constexpr std::size_t lanes = 16;
  double sums[lanes] = {};
  std::size_t i = 0;
  for (; i + lanes <= values.size(); i += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double value = values[i + lane];
      sums[lane] += value * value;
    }
  double total = 0;
  for (; i < values.size(); ++i) total += double(values[i]) * double(values[i]);
  return std::accumulate(sums, sums + lanes, total);
}

}  // namespace

void squares_of_blocks(std::span<const float> gradients, std::span<double> sums) {
  for_each_block(gradients.size(), [&](std::size_t block, std::size_t begin, std::size_t end) {
    sums[block] = sum_of_squares(gradients.subspan(begin, end - begin));
  });
}

double norm_of_blocks(std::span<const double> sums) {
  return std::sqrt(std::accumulate(sums.begin(), sums.end(), 0.0));
}

double gradient_norm(std::span<const float> gradients) {
  std::vector<double> sums(block_count(gradients.size()));
  squares_of_blocks(gradients, sums);
  return norm_of_blocks(sums);
}

double clip_scale(double norm, double limit) {
  return limit > 0 && norm > limit ? limit / norm : 1;
}

}  // namespace diffusion
