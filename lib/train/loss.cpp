#include "lib/train/loss.hpp"

#include <cassert>
#include <numeric>
#include <vector>

#include "lib/base/parallel.hpp"

namespace diffusion {
namespace {

/// Sum of squared differences of one image; derivative = slope (output - target).
double one_image(std::size_t count, const float* __restrict output, const float* __restrict target,
                 float slope, float* __restrict derivative) {
  constexpr std::size_t lanes = 8;
  double sums[lanes] = {};
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const float difference = output[i + lane] - target[i + lane];
      derivative[i + lane] = slope * difference;
      sums[lane] += double(difference) * double(difference);
    }
  double total = 0;
  for (; i < count; ++i) {
    const float difference = output[i] - target[i];
    derivative[i] = slope * difference;
    total += double(difference) * double(difference);
  }
  return std::accumulate(sums, sums + lanes, total);
}

}  // namespace

double squared_error(const LossInput& in, std::span<float> derivative, std::span<double> parts) {
  const std::size_t images = in.weights.size(), total = in.output.size();
  assert(images > 0 && total % images == 0);
  assert(in.target.size() == total && derivative.size() == total);
  const std::size_t each = total / images;
  std::vector<double> losses(images);
  parallel_for(images, [&](std::size_t n) {
    const double weight = double(in.weights[n]) / double(total);
    losses[n] = weight * one_image(each, in.output.data() + n * each, in.target.data() + n * each,
                                   float(2 * weight), derivative.data() + n * each);
  });
  for (std::size_t n = 0; n < parts.size(); ++n) parts[n] = losses[n] * double(images);
  return std::accumulate(losses.begin(), losses.end(), 0.0);
}

nn::Tensor first_channels(const nn::Tensor& both, const nn::Dims& dims) {
  nn::Tensor first(dims);
  const auto channels = std::size_t(dims.c);
  for (std::size_t i = 0; i < first.count(); ++i)
    first.floats()[i] = both.floats()[2 * i - i % channels];
  return first;
}

}  // namespace diffusion
