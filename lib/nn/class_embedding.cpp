#include "lib/nn/class_embedding.hpp"

#include <algorithm>

#include "lib/base/error.hpp"

namespace diffusion::nn {

void check_label(int label, std::int64_t classes) {
  if (label < -1 || label >= classes)
    throw Error("label " + std::to_string(label) + ": the network has classes 0 to " +
                std::to_string(classes - 1));
}

ClassEmbedding::ClassEmbedding(Parameters& parameters, const std::string& name,
                               std::int64_t classes, std::int64_t channels)
    : parameters_(parameters),
      weight_(parameters.add(name + ".weight", {std::size_t(classes), std::size_t(channels)})),
      classes_(classes),
      channels_(channels) {}

Tensor ClassEmbedding::forward(std::int64_t images, std::span<const int> labels, Tape* tape) const {
  const float* const weight = parameters_.value(weight_).data();
  for (const int label : labels) check_label(label, classes_);
  Tensor y(Dims{images, 1, 1, channels_});
  std::ranges::fill(y.floats(), 0.0f);
  for (std::size_t n = 0; n < labels.size(); ++n)
    if (labels[n] >= 0)
      std::copy_n(weight + labels[n] * channels_, channels_,
                  y.floats().data() + std::int64_t(n) * channels_);
  if (!tape) return y;
  Tensor kept(Dims{images});  // small integers are exact in float32
  std::ranges::fill(kept.floats(), -1.0f);
  std::ranges::copy(labels, kept.floats().begin());
  tape->push(kept);
  return y;
}

void ClassEmbedding::backward(const Tensor& dy, Tape& tape) const {
  const Tensor labels = tape.pop();
  if (!tape.wants_weights()) return;
  float* const dw = tape.gradient(weight_).data();
  for (std::size_t n = 0; n < labels.count(); ++n) {
    const auto label = std::int64_t(labels.floats()[n]);
    for (std::int64_t c = 0; label >= 0 && c < channels_; ++c)
      dw[label * channels_ + c] += dy.floats()[n * std::size_t(channels_) + std::size_t(c)];
  }
}

}  // namespace diffusion::nn
