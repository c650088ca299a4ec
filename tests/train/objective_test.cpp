#include <algorithm>
#include <cmath>
#include <numeric>

#include "lib/train/draws.hpp"
#include "lib/train/level_sampler.hpp"
#include "lib/train/loss.hpp"
#include "lib/train/loss_weight.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

TEST_CASE("the loss is the weighted mean square", "[train]") {
  const std::vector<float> output = {1, 2, 3, 4}, target = {0, 0, 0, 2}, weights = {1, 0.5f};
  std::vector<float> derivative(4);
  CHECK(squared_error({output, target, weights}, derivative) == (1 + 4 + 0.5 * (9 + 4)) / 4);
  CHECK(derivative == std::vector<float>{0.5f, 1, 0.75f, 0.5f});
}

TEST_CASE("the loss's derivative agrees with differences", "[train]") {
  constexpr std::size_t images = 3, each = 37;
  const TrainingDraws draws(1);
  std::vector<float> output(images * each), target(images * each), derivative(images * each);
  draws.fill_noise(0, output);
  draws.fill_noise(1, target);
  const std::vector<float> weights = {1, 0.25f, 3};
  std::vector<float> ignored(images * each);
  squared_error({output, target, weights}, derivative);
  for (std::size_t i = 0; i < output.size(); i += 5) {
    const float saved = output[i], h = 1.0f / 128;
    output[i] = saved + h;
    const double up = squared_error({output, target, weights}, ignored);
    output[i] = saved - h;
    const double down = squared_error({output, target, weights}, ignored);
    output[i] = saved;
    CHECK((up - down) / (2 * h) == Approx(derivative[i]).epsilon(1e-4).margin(1e-7));
  }
}

TEST_CASE("loss weights are those of the papers", "[train]") {
  const NoiseLevel at = on_path(Path::variance_preserving, std::log(3.0) / 2);  // SNR 3
  const double snr = 3;
  CHECK(make_loss_weight("uniform")(Prediction::v, at) == 1);
  // min-SNR of Hang et al. for v and eps.
  CHECK(make_loss_weight("min-snr:gamma=2")(Prediction::v, at) == Approx(2 / (snr + 1)));
  CHECK(make_loss_weight("min-snr:gamma=2")(Prediction::eps, at) == Approx(2 / snr));
  CHECK(make_loss_weight("min-snr")(Prediction::eps, at) == Approx(1));
  CHECK(make_loss_weight("min-snr")(Prediction::x0, at) == Approx(3));
  CHECK(make_loss_weight("snr")(Prediction::eps, at) == Approx(1));
  CHECK(make_loss_weight("truncated-snr")(Prediction::x0, at) == Approx(3));
  const NoiseLevel straight = on_path(Path::straight, 0.3);
  CHECK(make_loss_weight("snr")(Prediction::u, straight) ==
        Approx(straight.snr() * straight.sigma * straight.sigma));
  CHECK_THROWS_WITH(make_loss_weight("min-snr:gamma=0"), "min-snr: gamma must be positive, got 0");
}

TEST_CASE("level samplers cover 0..1", "[train]") {
  const auto uniform = make_level_sampler("uniform"), stratified = make_level_sampler("stratified");
  CHECK(uniform({0.25, 3, 8}) == 0.25);
  CHECK(stratified({0.5, 3, 8}) == 3.5 / 8);
  CHECK(stratified({std::nextafter(1.0, 0.0), 63, 64}) < 1);
}

TEST_CASE("an epoch's order is a permutation that its number sets", "[train]") {
  const TrainingDraws draws(7);
  auto order = draws.order(0, 1000);
  CHECK(order == draws.order(0, 1000));
  CHECK(order != draws.order(1, 1000));
  CHECK(order != TrainingDraws(8).order(0, 1000));
  std::ranges::sort(order);
  std::vector<std::uint32_t> all(1000);
  std::iota(all.begin(), all.end(), 0u);
  CHECK(order == all);
  CHECK(draws.order(0, 1) == std::vector<std::uint32_t>{0});
}

TEST_CASE("every place of an order is as likely for every image", "[train]") {
  constexpr std::uint32_t count = 4;
  constexpr int epochs = 4000;
  int seen[count][count] = {};
  const TrainingDraws draws(0);
  for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) {
    const auto order = draws.order(epoch, count);
    for (std::uint32_t place = 0; place < count; ++place) ++seen[place][order[place]];
  }
  // Standard deviation 27: five of them.
  for (const auto& place : seen)
    for (const int times : place) CHECK(std::abs(times - epochs / int(count)) < 137);
}
