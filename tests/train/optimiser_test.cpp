#include <cmath>
#include <limits>

#include "lib/base/json.hpp"
#include "lib/base/parallel.hpp"
#include "lib/rng/noise_source.hpp"
#include "lib/train/adam.hpp"
#include "lib/train/ema.hpp"
#include "lib/train/gradient_norm.hpp"
#include "lib/train/learning_rate.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

Json reference() { return read_json(TEST_DATA_DIR "/optimiser/adamw.json"); }

std::vector<float> floats(const Json& json) { return json.get<std::vector<float>>(); }

std::vector<float> noise(std::size_t count, std::uint64_t id) {
  std::vector<float> values(count);
  NoiseSource(0, "test").fill(values, id, 0);
  return values;
}

/// Weights, moments and average after a few updates of many weights.
std::vector<float> trained_with(int thread_count) {
  constexpr std::size_t count = 100'003;  // no multiple of anything
  const int before = threads();
  set_threads(thread_count);
  std::vector<float> weights = noise(count, 1);
  std::vector<float> average = weights;
  AdamState state(count);
  for (std::uint64_t step = 0; step < 3; ++step) {
    const auto gradients = noise(count, 10 + step);
    const double scale = clip_scale(gradient_norm(gradients), 1);
    adam_update(weights, gradients, state, {}, {1e-2, scale});
    ema_update(average, weights, 0.9);
  }
  set_threads(before);
  for (const auto* more : {&state.mean, &state.square, &average})
    weights.insert(weights.end(), more->begin(), more->end());
  return weights;
}

}  // namespace

TEST_CASE("AdamW agrees with PyTorch's", "[train]") {
  const Json given = reference();
  const AdamOptions options{given["beta1"], given["beta2"], given["epsilon"],
                            given["weight_decay"]};
  std::vector<float> weights = floats(given["start"]);
  AdamState state(weights.size());
  for (std::size_t step = 0; step < given["gradients"].size(); ++step) {
    adam_update(weights, floats(given["gradients"][step]), state, options,
                {given["learning_rates"][step]});
    for (std::size_t i = 0; i < weights.size(); ++i)
      CHECK(weights[i] == Approx(given["after"][step][i].get<double>()).epsilon(3e-7).margin(1e-8));
  }
}

TEST_CASE("clipping agrees with PyTorch's", "[train]") {
  const Json given = reference()["clip"];
  const auto gradient = floats(given["gradient"]);
  const double norm = gradient_norm(gradient);
  CHECK(norm == Approx(given["norm"].get<double>()).epsilon(1e-7));
  const double scale = clip_scale(norm, given["limit"]);
  for (std::size_t i = 0; i < gradient.size(); ++i)
    CHECK(scale * gradient[i] == Approx(given["clipped"][i].get<double>()).epsilon(2e-6));
}

TEST_CASE("the gradient's norm is exact where it can be, and never hides a NaN", "[train]") {
  CHECK(gradient_norm(std::vector<float>{}) == 0);
  CHECK(gradient_norm(std::vector<float>{3, -4}) == 5);
  CHECK(gradient_norm(std::vector<float>(10'000, 1)) == 100);
  CHECK(gradient_norm(std::vector<float>(4, 1e30f)) == Approx(2e30));
  std::vector<float> gradient(10'000, 1);
  gradient[9'999] = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(gradient_norm(gradient)));
  CHECK(clip_scale(5, 0) == 1);
  CHECK(clip_scale(0.5, 1) == 1);
  CHECK(clip_scale(4, 1) == 0.25);
}

TEST_CASE("the optimiser gives the same bits for any number of threads", "[train]") {
  const auto one = trained_with(1);
  CHECK(trained_with(2) == one);
  CHECK(trained_with(3) == one);
}

TEST_CASE("the average of weights warms up", "[train]") {
  CHECK(ema_decay(0.995, 1) == Approx(2.0 / 11));
  CHECK(ema_decay(0.995, 90) == Approx(0.91));
  CHECK(ema_decay(0.995, 100'000) == 0.995);
  std::vector<float> average = {1, 2};
  ema_update(average, std::vector<float>{3, -2}, 0.75);
  CHECK(average == std::vector<float>{1.5f, 1});
}

TEST_CASE("the learning rate rises, then falls as told", "[train]") {
  const LearningRate cosine{2, 4, 12, make_decay("cosine")};
  CHECK(cosine.at(0) == 0.5);
  CHECK(cosine.at(3) == 2);
  CHECK(cosine.at(4) == 2);
  CHECK(cosine.at(8) == Approx(1));
  CHECK(cosine.at(10) == Approx(1 + std::cos(std::acos(-1) * 0.75)));
  CHECK(cosine.at(12) == Approx(0).margin(1e-12));
  CHECK(cosine.at(1000) == Approx(0).margin(1e-12));
  const LearningRate linear{1, 0, 10, make_decay("linear:end=0.1")};
  CHECK(linear.at(0) == 1);
  CHECK(linear.at(5) == Approx(0.55));
  const LearningRate constant{1, 2, 1, make_decay("constant")};
  CHECK(constant.at(0) == 0.5);
  CHECK(constant.at(7) == 1);
  CHECK_THROWS_WITH(make_decay("cosin"), "unknown decay 'cosin' (have: cosine, linear, constant)");
  CHECK_THROWS_WITH(make_decay("cosine:ende=1"), "cosine: no parameter 'ende' (has: end)");
  CHECK_THROWS_WITH(make_decay("cosine:end=2"),
                    "cosine: end must lie in 0..1 (of the peak), got 2");
}
