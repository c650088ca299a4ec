#include "lib/nn/modulated_affine.hpp"

#include "lib/nn/image_part.hpp"

namespace diffusion::nn {

ModulatedAffine::ModulatedAffine(Parameters& parameters, const std::string& name,
                                 std::int64_t channels, bool has_offset)
    : parameters_(parameters), channels_(channels) {
  const std::vector<std::size_t> shape{std::size_t(channels)};
  if (!name.empty()) weight_ = &parameters.add(name + ".weight", shape);
  if (!name.empty() && has_offset) bias_ = &parameters.add(name + ".bias", shape);
}

Tensor ModulatedAffine::of(std::int64_t images, const Modulation& modulation) const {
  const float *const weight = value_of(weight_), *const bias = value_of(bias_);
  const Tensor affine(Dims{images, 2, 1, channels_});
  for (std::int64_t n = 0; n < images; ++n) {
    float *const factor = part_of<float>(affine, n), *const offset = factor + channels_;
    const float* const shift = part_of<float>(modulation.shift, n);
    const float* const scale = part_of<float>(modulation.scale, n);
    for (std::int64_t c = 0; c < channels_; ++c) {
      const float more = scale ? 1 + scale[c] : 1;
      factor[c] = weight ? more * weight[c] : more;
      offset[c] = (bias ? more * bias[c] : 0) + (shift ? shift[c] : 0);
    }
  }
  return affine;
}

void ModulatedAffine::add_gradients(std::int64_t images, const SumsOf& sums, const Tensor& scale,
                                    const Tape& tape) const {
  const auto add = [&](const Param* param, const float* ImageSums::*which) {
    if (!param) return;
    float* const to = tape.gradient(*param).data();
    for (std::int64_t n = 0; n < images; ++n) {
      const float *const from = sums(n).*which, *const more = part_of<float>(scale, n);
      for (std::int64_t c = 0; c < channels_; ++c) to[c] += (more ? 1 + more[c] : 1) * from[c];
    }
  };
  add(weight_, &ImageSums::factor);
  add(bias_, &ImageSums::offset);
}

Modulation ModulatedAffine::modulation_gradients(std::int64_t images, const SumsOf& sums) const {
  const float *const weight = value_of(weight_), *const bias = value_of(bias_);
  const Dims vectors{images, 1, 1, channels_};
  Modulation gradients{Tensor(vectors), Tensor(vectors)};
  for (std::int64_t n = 0; n < images; ++n) {
    const auto [dfactor, doffset] = sums(n);
    for (std::int64_t c = 0; c < channels_; ++c) {
      part_of<float>(gradients.shift, n)[c] = doffset[c];
      part_of<float>(gradients.scale, n)[c] =
          (weight ? dfactor[c] * weight[c] : dfactor[c]) + (bias ? doffset[c] * bias[c] : 0);
    }
  }
  return gradients;
}

}  // namespace diffusion::nn
