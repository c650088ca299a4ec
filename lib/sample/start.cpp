#include "lib/sample/start.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "lib/base/parallel.hpp"
#include "lib/noise/combine.hpp"
#include "lib/noise/forward.hpp"
#include "lib/tensor/stack.hpp"

namespace diffusion {
namespace {

/// How far along the way sample `number` is, 0 to 1.
double share_of(const Between& way, std::uint64_t number) {
  assert(number >= way.first && number - way.first < way.count);
  return double(number - way.first) / double(way.count - 1);
}

}  // namespace

double start_scale(Path path, const NoiseLevel& level) {
  return path == Path::variance_preserving ? 1 : level.sigma;
}

Tensor rows_in_turn(const Tensor& rows, std::span<const std::uint64_t> numbers) {
  Shape shape = rows.shape();
  shape[0] = numbers.size();
  Tensor taken(shape);
  float* to = taken.data();
  for (const std::uint64_t number : numbers)
    to = std::ranges::copy(row_of(rows, number % rows.shape()[0]), to).out;
  return taken;
}

StartOf start_from_noise(const Shape& sample) {
  return [=](std::span<const std::uint64_t> numbers, const StartPlace& place) {
    Tensor x = place.noise.normal(batch_shape(numbers.size(), sample), numbers, 0);
    const double scale = start_scale(place.path, place.at);
    return scale == 1 ? x : combine(scale, x, 0, x);
  };
}

StartOf start_from_states(Tensor states) {
  return [states = std::move(states)](std::span<const std::uint64_t> numbers, const StartPlace&) {
    return rows_in_turn(states, numbers);
  };
}

StartOf start_from_images(Tensor images) {
  return [images = std::move(images)](std::span<const std::uint64_t> numbers,
                                      const StartPlace& place) {
    const Tensor clean = rows_in_turn(images, numbers);
    return noised(clean, place.noise.normal(clean.shape(), numbers, 0), place.at);
  };
}

std::vector<NoiseLevel> walked_part(std::span<const NoiseLevel> grid, double strength) {
  const double steps = double(grid.size() - 1);
  const auto kept = std::size_t(std::max(1.0, std::round(strength * steps)));
  const auto part = grid.last(kept + 1);
  return {part.begin(), part.end()};
}

StartOf start_between(StartOf ends, const Between& way) {
  assert(way.count >= 2);
  return [ends = std::move(ends), way](std::span<const std::uint64_t> numbers,
                                       const StartPlace& place) {
    const Tensor two = ends(std::array{way.from, way.to}, place);
    Shape shape = two.shape();
    shape[0] = numbers.size();
    Tensor x(shape);
    const std::size_t each = x.size() / shape[0];
    parallel_for(numbers.size(), [&](std::size_t n) {
      slerp(row_of(two, 0), row_of(two, 1), share_of(way, numbers[n]), {x.data() + n * each, each});
    });
    return x;
  };
}

void slerp(std::span<const float> a, std::span<const float> b, double f, std::span<float> out) {
  assert(a.size() == b.size() && a.size() == out.size());
  double product = 0, of_a = 0, of_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += double(a[i]) * b[i];
    of_a += double(a[i]) * a[i];
    of_b += double(b[i]) * b[i];
  }
  const double cosine = product / std::sqrt(of_a * of_b);
  const double angle = std::acos(std::clamp(cosine, -1.0, 1.0)), sine = std::sin(angle);
  double share_a = 1 - f, share_b = f;
  if (sine > 1e-4 && f != 0 && f != 1) {
    share_a = std::sin((1 - f) * angle) / sine;
    share_b = std::sin(f * angle) / sine;
  }
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = float(share_a * double(a[i]) + share_b * double(b[i]));
}

}  // namespace diffusion
