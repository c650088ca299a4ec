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

/// Inputs to one output of a layer whose weight has this shape.
std::size_t inputs(const nn::Param& weight) { return weight.size / weight.shape[0]; }

}  // namespace

void initialise(nn::Parameters& parameters, std::uint64_t seed) {
  const NoiseSource noise(seed, "diff-train");
  std::size_t fan_in = 1;  // of the weight before: a bias follows its weight
  for (const nn::Param& param : parameters.all()) {
    const std::span<float> value = parameters.value(param);
    const std::uint64_t id = fnv1a(param.name);
    const bool is_bias = param.name.ends_with(".bias");
    if (!is_bias) fan_in = param.shape.size() > 1 ? inputs(param) : 0;
    if (fan_in == 0) {
      std::ranges::fill(value, is_bias ? 0.0f : 1.0f);  // a norm
    } else if (param.name == "class_embedding.weight") {
      noise.fill(value, id, 0);
    } else {
      fill_uniform(value, float(1.0 / std::sqrt(double(fan_in))), noise, id);
    }
  }
  parameters.touch();
}

}  // namespace diffusion
