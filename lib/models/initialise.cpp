#include "lib/models/initialise.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "lib/base/parallel.hpp"
#include "lib/rng/noise_source.hpp"

namespace diffusion {
namespace {

/// Uniform on (-bound, bound), four numbers a block.
void fill_uniform(std::span<float> out, float bound, const NoiseSource& noise, std::uint64_t id) {
  parallel_ranges((out.size() + 3) / 4, 1 << 12, [&](std::size_t begin, std::size_t end) {
    for (std::size_t block = begin; block < end; ++block) {
      const PhiloxCounter words = noise.bits(id, 0, std::uint32_t(block));
      for (std::size_t i = 4 * block; i < std::min(out.size(), 4 * block + 4); ++i) {
        const float unit = (float(words[i % 4] >> 9) + 0.5f) * 0x1p-23f;
        out[i] = bound * (2 * unit - 1);
      }
    }
  });
}

/// Inputs to one output of a layer whose weight has this shape; vectors are norms'.
std::size_t inputs_of(const nn::Param& weight) {
  return weight.shape.size() > 1 ? weight.size / weight.shape[0] : 0;
}

bool is_bias(const nn::Param& param) { return param.name.ends_with(".bias"); }

void fill(std::span<float> value, const InitialLaw& law, const NoiseSource& noise,
          std::uint64_t id) {
  if (law.kind == InitialLaw::Kind::constant) {
    std::ranges::fill(value, law.scale);
  } else if (law.kind == InitialLaw::Kind::uniform) {
    fill_uniform(value, law.scale, noise, id);
  } else {
    noise.fill(value, id, 0);
    for (float& v : value) v *= law.scale;
  }
}

}  // namespace

InitialLaw pytorch_law(const nn::Param& param, std::size_t inputs) {
  if (inputs == 0) return {InitialLaw::Kind::constant, is_bias(param) ? 0.0f : 1.0f};
  return {InitialLaw::Kind::uniform, float(1.0 / std::sqrt(double(inputs)))};
}

void initialise(nn::Parameters& parameters, std::uint64_t seed, InitialLawOf initial) {
  const NoiseSource noise(seed, "diff-train");
  std::size_t inputs = 1;  // of the weight before: a bias follows its weight
  for (const nn::Param& param : parameters.all()) {
    if (!is_bias(param)) inputs = inputs_of(param);
    fill(parameters.value(param), initial(param, inputs), noise, fnv1a(param.name));
  }
  parameters.touch();
}

}  // namespace diffusion
