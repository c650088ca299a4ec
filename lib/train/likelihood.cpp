#include "lib/train/likelihood.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "lib/base/error.hpp"
#include "lib/base/parallel.hpp"
#include "lib/noise/combine.hpp"
#include "lib/noise/forward.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/sample/generate.hpp"
#include "lib/train/variational_terms.hpp"

namespace diffusion {
namespace {

// Steps of noise addresses below are t; the choice of steps has its own above them.
constexpr std::uint32_t choice_of_step = 1u << 31;

double log_variance(const ReverseStep& step, ReverseVariance kind, float share) {
  if (kind == ReverseVariance::small) return step.log_small;
  if (kind == ReverseVariance::large) return step.log_large;
  return step.log_variance(share);
}

double prior_nats(std::span<const float> x0, const Schedule& schedule) {
  const NoiseLevel last = schedule.levels.back();
  const double start = start_scale(schedule.path, last);
  double sum = 0;
  for (const float x : x0)
    sum += kl_term(2 * std::log(last.sigma), 2 * std::log(start), last.alpha * double(x)).nats;
  return sum / double(x0.size());
}

/// A step that a batch visits, and how many it stands for.
struct Visited {
  int t;
  double weight;
};

/// t = 1, and one of each part of 2..T. Parts grow with t as cubes do: the terms are
/// steepest where there is little noise, and there every step is visited.
std::vector<Visited> choose_steps(std::uint64_t batch, const BoundOptions& options) {
  const std::size_t all = std::size_t(options.schedule.steps()) - 1;
  const std::size_t count = std::min(options.terms, all);
  std::vector<Visited> visits = {{1, 1}};
  std::size_t begin = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const double cube = std::pow(double(k + 1) / double(count), 3);
    const std::size_t most = all - (count - 1 - k);  // leaves a step for each part to come
    const std::size_t end =
        std::clamp(std::size_t(std::lround(double(all) * cube)), begin + 1, most);
    const double u = options.noise.uniform(batch, choice_of_step, std::uint32_t(k));
    const std::size_t place = begin + std::size_t(u * double(end - begin));
    visits.push_back({2 + int(place), double(end - begin)});
    begin = end;
  }
  return visits;
}

double mean_square(const float* a, const float* b, std::size_t count) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += std::pow(double(a[i]) - double(b[i]), 2);
  return sum / double(count);
}

/// All that the terms of one step are made of, for a batch.
struct Evaluated {
  int t;
  Tensor eps, eps_hat, x0_hat, clipped;
  std::optional<Tensor> share;
};

Evaluated evaluate(const Denoiser& denoise, const Tensor& x0, std::span<const std::uint64_t> ids,
                   int t, const BoundOptions& options) {
  const NoiseLevel at = options.schedule.at(t);
  Tensor eps = options.noise.normal(x0.shape(), ids, std::uint32_t(t));
  const Tensor x_t = noised(x0, eps, at);
  Denoised said = denoise(x_t, at);
  if (options.variance == ReverseVariance::learned && !said.variance_share)
    throw Error("this model has learned no variance: small or large is fixed");
  Tensor eps_hat = eps_of(said, x_t, at);
  Tensor limited = options.clipping == Clipping::to_range ? clamped(said.x0, -1, 1) : said.x0;
  return {t,
          std::move(eps),
          std::move(eps_hat),
          std::move(said.x0),
          std::move(limited),
          std::move(said.variance_share)};
}

/// The term of t for image n, in nats a dimension.
double term_nats(const Evaluated& at, const Tensor& x0, std::size_t n,
                 const BoundOptions& options) {
  const std::size_t size = x0.size() / x0.shape(0);
  const ReverseStep step = reverse_step(options.schedule, at.t);
  const double q = std::log(step.posterior.variance);
  double sum = 0;
  for (std::size_t i = n * size; i < (n + 1) * size; ++i) {
    const double x = x0.data()[i], guess = at.clipped.data()[i];
    const double p = log_variance(step, options.variance, at.share ? at.share->data()[i] : 0);
    if (at.t > 1)
      sum += std::isinf(q) ? 0 : kl_term(q, p, step.posterior.coef_x0 * (x - guess)).nats;
    else
      sum +=
          (options.decoder == Decoder::eight_bit ? eight_bit_term : density_term)(x, guess, p).nats;
  }
  return sum / double(size);
}

}  // namespace

std::vector<Bound> variational_bounds(const Denoiser& denoise, const Tensor& x0,
                                      std::uint64_t first, const BoundOptions& options,
                                      const SeeVisit& see) {
  const std::size_t count = x0.shape(0), size = x0.size() / count;
  std::vector<std::uint64_t> ids(count);
  std::iota(ids.begin(), ids.end(), first);
  std::vector<Bound> bounds(count);
  for (std::size_t n = 0; n < count; ++n)
    bounds[n].prior = bits_per_nat * prior_nats({x0.data() + n * size, size}, options.schedule);

  for (const auto& [t, weight] : choose_steps(first, options)) {
    const Evaluated at = evaluate(denoise, x0, ids, t, options);
    std::vector<double> bits(count);
    parallel_for(count,
                 [&](std::size_t n) { bits[n] = bits_per_nat * term_nats(at, x0, n, options); });
    for (std::size_t n = 0; n < count; ++n) {
      (t == 1 ? bounds[n].decoder : bounds[n].steps) += weight * bits[n];
      if (see)
        see({n, t, weight, mean_square(x0.data() + n * size, at.x0_hat.data() + n * size, size),
             mean_square(at.eps.data() + n * size, at.eps_hat.data() + n * size, size), bits[n]});
    }
  }
  return bounds;
}

}  // namespace diffusion
