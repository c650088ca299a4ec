#include "lib/nn/fourier_features.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "lib/nn/class_embedding.hpp"

namespace diffusion::nn {

FourierFeatures::FourierFeatures(Parameters& parameters, const layers::FourierFeatures& layer)
    : parameters_(parameters),
      weight_(parameters.add(layer.name + ".weight", {std::size_t(layer.frequencies)},
                             Training::fixed)) {}

// Angles are hundreds: their last bit moves a sine by 1e-5 and more.
Tensor FourierFeatures::forward(const Tensor& x) const {
  const auto frequencies = parameters_.value(weight_);
  const std::size_t count = frequencies.size();
  Tensor y(Dims{x.dims().n, 1, 1, 2 * std::int64_t(count)});
  for (std::size_t n = 0; n < x.count(); ++n) {
    float* const row = y.floats().data() + 2 * n * count;
    for (std::size_t i = 0; i < count; ++i) {
      const float angle = x.floats()[n] * frequencies[i] * 2 * std::numbers::pi_v<float>;
      row[i] = std::sin(angle);
      row[count + i] = std::cos(angle);
    }
  }
  return y;
}

Tensor label_sinusoids(std::int64_t images, std::span<const int> labels,
                       const layers::LabelSinusoids& layer) {
  for (const int label : labels) check_label(label, layer.classes);
  Tensor y(Dims{images, 1, 1, layer.shape.channels});
  std::ranges::fill(y.floats(), 0.0f);
  const Tensor all = sinusoids(std::vector<float>(labels.begin(), labels.end()), layer.shape);
  const auto channels = std::size_t(layer.shape.channels);
  for (std::size_t n = 0; n < labels.size(); ++n)
    if (labels[n] >= 0)
      std::ranges::copy(all.floats().subspan(n * channels, channels),
                        y.floats().subspan(n * channels).begin());
  return y;
}

}  // namespace diffusion::nn
