// What samples begin from: a function of their numbers.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "lib/rng/noise_source.hpp"
#include "lib/schedule/noise_level.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// Where a walk begins: the first level of its grid.
struct StartPlace {
  Path path;
  NoiseLevel at;
  const NoiseSource& noise;  // draw 0 of a sample is its start's
};

/// The states of the samples of these numbers, in their order. A state is a function of
/// its own number alone.
using StartOf =
    std::function<Tensor(std::span<const std::uint64_t> numbers, const StartPlace& place)>;

/// Noise: z where variance is preserved, else sigma z. `sample` is H x W x C.
StartOf start_from_noise(const Shape& sample);

/// States as they are, K x H x W x C: sample i begins from state i modulo K.
StartOf start_from_states(Tensor states);

/// Clean images, K x H x W x C, taken to the level by the forward process, alpha x0 +
/// sigma z: Meng et al. 2022, "SDEdit: Guided Image Synthesis and Editing with Stochastic
/// Differential Equations", Alg. 1. Sample i begins from image i modulo K.
StartOf start_from_images(Tensor images);

/// The part of a grid that clean images walk at such a strength, 0 to 1: that share of its
/// steps at the clean end, at least one.
std::vector<NoiseLevel> walked_part(std::span<const NoiseLevel> grid, double strength);

/// On the way between the starts of samples `from` and `to`: sample `first` is the former,
/// sample `first` + `count` - 1 the latter, and those between are slerp() of the two.
struct Between {
  std::uint64_t from, to, first;
  std::size_t count;  // at least 2
};
StartOf start_between(StartOf ends, const Between& way);

/// Spherical interpolation (Shoemake 1985; Song et al. 2020, App. D.5): sin((1 - f) w)/sin w
/// a + sin(f w)/sin w b, w being the angle between a and b; linear where they are parallel
/// or opposite, as it is undefined there. Lengths that are equal stay. 0 <= f <= 1, whose
/// ends are a and b to the bit.
void slerp(std::span<const float> a, std::span<const float> b, double f, std::span<float> out);

/// The scale of a standard normal start at `level`: 1 where variance is preserved,
/// else sigma.
double start_scale(Path path, const NoiseLevel& level);

/// Rows `numbers` modulo K of a tensor of K rows.
Tensor rows_in_turn(const Tensor& rows, std::span<const std::uint64_t> numbers);

}  // namespace diffusion
