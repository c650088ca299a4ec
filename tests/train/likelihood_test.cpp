#include "lib/train/likelihood.hpp"

#include <cmath>
#include <numbers>

#include "lib/schedule/transition.hpp"
#include "lib/train/variational_terms.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gaussian.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::Gaussian;
using testing::normals;

namespace {

const Gaussian data;  // N(0.3, 0.5^2)

Tensor images(std::size_t count) {
  const Tensor z = normals({count, 8, 8, 1}, 3);
  Tensor x = combine(data.std, z, 0, z);
  x += float(data.mean);
  return x;
}

double entropy_bits() {
  return std::log2(2 * std::numbers::pi * std::numbers::e * data.std * data.std) / 2;
}

struct Mean {
  double value, error;
};
template <class Of>
Mean mean_of(const std::vector<Bound>& bounds, const Of& of) {
  double sum = 0, squares = 0;
  for (const Bound& bound : bounds) sum += of(bound), squares += of(bound) * of(bound);
  const double n = double(bounds.size()), mean = sum / n;
  return {mean, std::sqrt((squares / n - mean * mean) / (n - 1))};
}

/// The expected terms: x0_hat is the posterior mean, whose squared error is the
/// posterior's variance.
Bound exact_bound(const Schedule& schedule, ReverseVariance kind) {
  const double v = data.std * data.std;
  const auto error = [&](const NoiseLevel& at) {
    return v * at.sigma * at.sigma / (at.alpha * at.alpha * v + at.sigma * at.sigma);
  };
  const NoiseLevel last = schedule.levels.back();
  const double start = schedule.path == Path::variance_preserving ? 1 : last.sigma;
  const double ratio = std::pow(last.sigma / start, 2);
  const double signal = std::pow(last.alpha / start, 2) * (v + data.mean * data.mean);
  Bound exact{.prior = (ratio - 1 - std::log(ratio) + signal) / 2};
  for (int t = 2; t <= schedule.steps(); ++t) {
    const NoiseLevel from = schedule.at(t), to = schedule.at(t - 1);
    const PosteriorStep q = posterior_step(from, to);
    const double p = kind == ReverseVariance::small ? q.variance : forward_step(to, from).variance;
    exact.steps +=
        (std::log(p / q.variance) + q.variance / p - 1 + q.coef_x0 * q.coef_x0 * error(from) / p) /
        2;
  }
  const double p = kind == ReverseVariance::small
                       ? posterior_step(schedule.at(2), schedule.at(1)).variance
                       : forward_step(schedule.at(0), schedule.at(1)).variance;
  exact.decoder = (std::log(2 * std::numbers::pi * p) + error(schedule.at(1)) / p) / 2;
  exact.prior *= bits_per_nat;
  exact.steps *= bits_per_nat;
  exact.decoder *= bits_per_nat;
  return exact;
}

}  // namespace

TEST_CASE("the bound on a Gaussian has its closed form, term by term, on every path", "[train]") {
  const Tensor x0 = images(400);
  for (const char* spec : {"linear:T=20,beta_start=0.01,beta_end=0.4", "ve:T=20,sigma_min=0.1",
                           "flow:T=20", "cosine:T=20"})
    for (const ReverseVariance kind : {ReverseVariance::small, ReverseVariance::large}) {
      const Schedule schedule = make_schedule(spec);
      const auto bounds = variational_bounds(data.denoiser(), x0, 0,
                                             {.schedule = schedule,
                                              .terms = 1000,
                                              .decoder = Decoder::density,
                                              .variance = kind,
                                              .noise = NoiseSource(1, "test")});
      const Bound exact = exact_bound(schedule, kind);
      CAPTURE(spec, int(kind));
      const auto close = [](const Mean& found, double wanted) {
        CAPTURE(found.error);
        CHECK(std::abs(found.value - wanted) < 4 * found.error + 1e-6);
        CHECK(found.error < 0.02 * std::abs(wanted) + 0.05);
      };
      close(mean_of(bounds, [](const Bound& b) { return b.prior; }), exact.prior);
      close(mean_of(bounds, [](const Bound& b) { return b.steps; }), exact.steps);
      close(mean_of(bounds, [](const Bound& b) { return b.decoder; }), exact.decoder);
      CHECK(exact.total() > entropy_bits());
    }
}

TEST_CASE("more steps bring the bound to the entropy", "[train]") {
  const auto gap = [](int steps) {
    return exact_bound(make_schedule("ve:sigma_min=0.01,sigma_max=100", steps),
                       ReverseVariance::large)
               .total() -
           entropy_bits();
  };
  CHECK(gap(100) > gap(1000));
  CHECK(gap(1000) > gap(10000));
  CHECK(gap(10000) < 0.01);
}

TEST_CASE("some of the terms estimate all of them", "[train]") {
  const Schedule schedule = make_schedule("linear:T=40,beta_start=0.01,beta_end=0.2");
  const Tensor x0 = images(64);
  const BoundOptions options{.schedule = schedule,
                             .terms = 5,
                             .decoder = Decoder::density,
                             .noise = NoiseSource(1, "test")};
  double sum = 0, squares = 0;
  constexpr int batches = 60;
  for (int b = 0; b < batches; ++b) {
    int visits = 0;
    const auto bounds = variational_bounds(data.denoiser(), x0, std::uint64_t(64 * b), options,
                                           [&](const BoundVisit&) { ++visits; });
    CHECK(visits == 64 * 6);
    const double steps = mean_of(bounds, [](const Bound& x) { return x.steps; }).value;
    sum += steps;
    squares += steps * steps;
  }
  const double mean = sum / batches;
  const double error = std::sqrt((squares / batches - mean * mean) / batches);
  CHECK(std::abs(mean - exact_bound(schedule, ReverseVariance::small).steps) < 4 * error);
}

TEST_CASE("the probabilities of all 8-bit values add up to one", "[train]") {
  for (const double mean : {-1.3, -0.2, 0.0, 0.97})
    for (const double log_variance : {-14.0, -6.0, 0.0}) {
      double sum = 0;
      for (int value = 0; value < 256; ++value)
        sum += std::exp(-eight_bit_term(float(value / 127.5 - 1), mean, log_variance).nats);
      CHECK(sum == Approx(1).epsilon(1e-5));
    }
  // Where bins are narrow beside the spread, density times width.
  CHECK(eight_bit_term(5 / 127.5, 0.3, 0).nats ==
        Approx(0.5 * std::log(2 * std::numbers::pi) + std::pow(5 / 127.5 - 0.3, 2) / 2 -
               std::log(2.0 / 255))
            .epsilon(1e-5));
  CHECK(std::isfinite(eight_bit_term(0.5, -0.5, -20).nats));
}

TEST_CASE("a variance that was not learned is refused", "[train]") {
  const Schedule schedule = make_schedule("linear:T=3");
  CHECK_THROWS_WITH(variational_bounds(data.denoiser(), images(1), 0,
                                       {.schedule = schedule,
                                        .terms = 3,
                                        .variance = ReverseVariance::learned,
                                        .noise = NoiseSource(1, "test")}),
                    Contains("has learned no variance"));
}
