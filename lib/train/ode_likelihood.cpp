#include "lib/train/ode_likelihood.hpp"

#include <cmath>
#include <numbers>
#include <numeric>

#include "lib/noise/combine.hpp"
#include "lib/sample/generate.hpp"
#include "lib/train/variational_terms.hpp"

namespace diffusion {
namespace {

/// The noisiest level from which the way back is finite.
NoiseLevel last_finite(const Schedule& schedule) {
  const auto& levels = schedule.levels;
  return levels.back().pure_noise() && levels.size() > 1 ? levels[levels.size() - 2]
                                                         : levels.back();
}

/// N x H x W x C of +1 and -1.
Tensor probes(const Shape& shape, std::uint64_t first, const NoiseSource& noise) {
  std::vector<std::uint64_t> ids(shape[0]);
  std::iota(ids.begin(), ids.end(), first);
  Tensor signs = noise.normal(shape, ids, 0);
  for (float& value : signs) value = value < 0 ? -1.0f : 1.0f;
  return signs;
}

/// The spread of y for data of spread 1. The state is carried as z = y/spread, which
/// stays of one size, so that steps need not follow its growth.
double spread_at(double lambda) { return std::hypot(1, std::exp(-lambda)); }

/// dz/du, and v' J v of each image for dy/du.
struct Slope {
  Tensor velocity;
  std::vector<double> divergence;
};

class Flow {
 public:
  Flow(const Denoiser& denoise, Tensor probe, const OdeOptions& options)
      : denoise_(denoise), probe_(std::move(probe)), options_(options) {}

  Slope slope(const Tensor& z, double lambda) const {
    const NoiseLevel at = options_.schedule.at_lambda(lambda);
    const double spread = spread_at(lambda);
    const double growth = std::pow(at.ve_sigma() / spread, 2);  // d ln(spread)/du
    Slope slope = slope_of_state(combine(spread, z, 0, z), at);
    slope.velocity = combine(1 / spread, slope.velocity, -growth, z);
    return slope;
  }

 private:
  /// dy/du and its divergence.
  Slope slope_of_state(const Tensor& y, const NoiseLevel& at) const {
    if (const Pullback* const pull = pullback_of(denoise_)) {
      const Pulled pulled = (*pull)(combine(at.alpha, y, 0, y), at, probe_);
      // By the chain rule alpha times the derivative with respect to x_t = alpha y.
      return {combine(1, y, -1, pulled.x0), along_probe(1, probe_, -at.alpha, pulled.derivative)};
    }
    const double reach = options_.probe * spread_at(at.lambda);
    const Tensor ahead = velocity(combine(1, y, reach, probe_), at);
    const Tensor behind = velocity(combine(1, y, -reach, probe_), at);
    return {velocity(y, at), along_probe(0.5 / reach, ahead, -0.5 / reach, behind)};
  }

  /// <probe, a x + b y> of each image.
  std::vector<double> along_probe(double a, const Tensor& x, double b, const Tensor& y) const {
    const std::size_t size = x.size() / x.shape(0);
    std::vector<double> products(x.shape(0));
    for (std::size_t i = 0; i < x.size(); ++i)
      products[i / size] +=
          double(probe_.data()[i]) * (a * double(x.data()[i]) + b * double(y.data()[i]));
    return products;
  }

  Tensor velocity(const Tensor& y, const NoiseLevel& at) const {
    return combine(1, y, -1, denoise_(combine(at.alpha, y, 0, y), at).x0);
  }

  const Denoiser& denoise_;
  Tensor probe_;
  const OdeOptions& options_;
};

/// -ln N(y; 0, spread^2 I) of each image.
std::vector<double> prior_nats(const Tensor& y, double spread) {
  const std::size_t size = y.size() / y.shape(0);
  std::vector<double> nats(y.shape(0));
  for (std::size_t i = 0; i < y.size(); ++i)
    nats[i / size] += density_term(double(y.data()[i]), 0, 2 * std::log(spread)).nats;
  return nats;
}

}  // namespace

std::vector<double> ode_bits(const Denoiser& denoise, const Tensor& x, std::uint64_t first,
                             const OdeOptions& options) {
  const Flow flow(denoise, probes(x.shape(), first, options.noise), options);
  const NoiseLevel begin = options.schedule.levels.front(), end = last_finite(options.schedule);
  const double du = (begin.lambda - end.lambda) / options.steps;
  std::vector<double> gathered(x.shape(0));
  Tensor z = combine(1 / spread_at(begin.lambda), x, 0, x);
  for (int i = 0; i < options.steps; ++i) {
    const double lambda = begin.lambda - i * du, next = begin.lambda - (i + 1) * du;
    const Slope here = flow.slope(z, lambda);
    const Slope there = flow.slope(combine(1, z, du, here.velocity), next);
    add_scaled(z, du / 2, here.velocity);
    add_scaled(z, du / 2, there.velocity);
    for (std::size_t n = 0; n < gathered.size(); ++n)
      gathered[n] += du / 2 * (here.divergence[n] + there.divergence[n]);
  }
  std::vector<double> bits = prior_nats(combine(spread_at(end.lambda), z, 0, z),
                                        start_scale(options.schedule.path, end) / end.alpha);
  const std::size_t dimensions = x.size() / x.shape(0);
  for (std::size_t n = 0; n < bits.size(); ++n)
    bits[n] = bits_per_nat * (bits[n] - gathered[n]) / double(dimensions);
  return bits;
}

Tensor dequantised(const Tensor& x, std::uint64_t first, const NoiseSource& noise) {
  constexpr std::uint32_t within_bin = 1;
  const std::size_t size = x.size() / x.shape(0);
  Tensor spread = x;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double u = noise.uniform(first + i / size, within_bin, std::uint32_t(i % size));
    spread.data()[i] += float((2 * u - 1) / 255);
  }
  return spread;
}

}  // namespace diffusion
