#include "lib/train/likelihood.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>

#include "lib/base/error.hpp"
#include "lib/base/parallel.hpp"
#include "lib/noise/combine.hpp"
#include "lib/noise/forward.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/sample/generate.hpp"
#include "lib/schedule/transition.hpp"

namespace diffusion {
namespace {

// Steps of noise addresses below are t; the choice of steps has its own above them.
constexpr std::uint32_t choice_of_step = 1u << 31;

/// One reverse step of the model: from level t to the one before.
struct ReverseStep {
  PosteriorStep posterior;
  double log_small, log_large;  // the variances it may have
};

ReverseStep reverse_step(const Schedule& schedule, int t) {
  const NoiseLevel from = schedule.at(t), to = schedule.at(t - 1);
  ReverseStep step{posterior_step(from, to), 0, std::log(forward_step(to, from).variance)};
  // beta~ is 0 at t = 1: it takes t = 2's (Nichol and Dhariwal 2021, code).
  const bool first = t == 1;
  if (first && schedule.steps() == 1)
    step.log_small = step.log_large;
  else
    step.log_small = first ? std::log(posterior_step(schedule.at(2), schedule.at(1)).variance)
                           : std::log(step.posterior.variance);
  return step;
}

double log_variance(const ReverseStep& step, ReverseVariance kind, float share) {
  if (kind == ReverseVariance::small) return step.log_small;
  if (kind == ReverseVariance::large) return step.log_large;
  return double(share) * step.log_large + (1 - double(share)) * step.log_small;  // Eq. 15
}

double density_nats(double x, double mean, double log_variance) {
  const double off = x - mean;
  return (std::log(2 * std::numbers::pi) + log_variance + off * off * std::exp(-log_variance)) / 2;
}

/// KL between Gaussians of log-variances q and p whose means are `off` apart.
double kl_nats(double q, double p, double off) {
  return (p - q + std::expm1(q - p) + off * off * std::exp(-p)) / 2;
}

double prior_nats(std::span<const float> x0, const Schedule& schedule) {
  const NoiseLevel last = schedule.levels.back();
  const double start = start_scale(schedule.path, last);
  double sum = 0;
  for (const float x : x0)
    sum += kl_nats(2 * std::log(last.sigma), 2 * std::log(start), last.alpha * double(x));
  return sum / double(x0.size());
}

/// The steps that a batch visits beside t = 1, each standing for `weight` of them.
struct Visits {
  std::vector<int> steps;
  double weight;
};

Visits choose_steps(std::uint64_t batch, const BoundOptions& options) {
  const std::size_t all = std::size_t(options.schedule.steps()) - 1;
  const std::size_t count = std::min(options.terms, all);
  Visits visits{{}, count == 0 ? 0 : double(all) / double(count)};
  for (std::size_t k = 0; k < count; ++k) {
    const double u = options.noise.uniform(batch, choice_of_step, std::uint32_t(k));
    const auto place = std::size_t((double(k) + u) * visits.weight);
    visits.steps.push_back(2 + int(std::min(place, all - 1)));
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
      sum += std::isinf(q) ? 0 : kl_nats(q, p, step.posterior.coef_x0 * (x - guess));
    else
      sum += options.decoder == Decoder::eight_bit ? eight_bit_nats(x, guess, p)
                                                   : density_nats(x, guess, p);
  }
  return sum / double(size);
}

}  // namespace

double eight_bit_nats(double x, double mean, double log_variance) {
  constexpr double half_bin = 1.0 / 255, least = 1e-300, open = 0.999;
  const double scale = std::exp(-log_variance / 2) / std::sqrt(2.0);
  double low = x < -open ? -HUGE_VAL : (x - half_bin - mean) * scale;
  double high = x > open ? HUGE_VAL : (x + half_bin - mean) * scale;
  if (low > 0) {  // the left tail has the digits
    std::swap(low, high);
    low = -low;
    high = -high;
  }
  return -std::log(std::max((std::erfc(-high) - std::erfc(-low)) / 2, least));
}

std::vector<Bound> variational_bounds(const Denoiser& denoise, const Tensor& x0,
                                      std::uint64_t first, const BoundOptions& options,
                                      const SeeVisit& see) {
  const std::size_t count = x0.shape(0), size = x0.size() / count;
  std::vector<std::uint64_t> ids(count);
  std::iota(ids.begin(), ids.end(), first);
  std::vector<Bound> bounds(count);
  for (std::size_t n = 0; n < count; ++n)
    bounds[n].prior = bits_per_nat * prior_nats({x0.data() + n * size, size}, options.schedule);

  Visits visits = choose_steps(first, options);
  visits.steps.insert(visits.steps.begin(), 1);
  for (const int t : visits.steps) {
    const Evaluated at = evaluate(denoise, x0, ids, t, options);
    std::vector<double> bits(count);
    parallel_for(count,
                 [&](std::size_t n) { bits[n] = bits_per_nat * term_nats(at, x0, n, options); });
    for (std::size_t n = 0; n < count; ++n) {
      (t == 1 ? bounds[n].decoder : bounds[n].steps) += (t == 1 ? 1 : visits.weight) * bits[n];
      if (see)
        see({n, t, mean_square(x0.data() + n * size, at.x0_hat.data() + n * size, size),
             mean_square(at.eps.data() + n * size, at.eps_hat.data() + n * size, size), bits[n]});
    }
  }
  return bounds;
}

}  // namespace diffusion
