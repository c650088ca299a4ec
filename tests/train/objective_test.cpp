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

namespace {

/// W of MATH: the weight of || x0 - x0_hat ||^2, as the papers print it.
double printed_weight(std::string_view name, const NoiseLevel& at, Path path) {
  const double snr = at.snr();
  const double s = 1 / std::sqrt(snr), sd = 0.5;
  if (name == "snr") return snr;
  if (name == "truncated-snr") return std::max(snr, 1.0);
  if (name == "min-snr") return std::min(snr, 5.0);
  if (name == "p2") return snr / (1 + snr);
  if (name == "debiased") return std::sqrt(snr);
  if (name == "velocity" && path == Path::straight) return std::pow(std::max(at.sigma, 0.05), -2);
  if (name == "velocity") return snr + 1;
  if (name == "edm") return (s * s + sd * sd) / std::pow(s * sd, 2);
  FAIL("a loss weight without a formula here: " << name);
  return 0;
}

/// What the weight W amounts to on the network's own target.
double printed_factor(Prediction prediction, const NoiseLevel& at) {
  const double snr = at.snr(), s = at.ve_sigma(), tau = at.sigma / (at.alpha + at.sigma);
  switch (prediction) {
    case Prediction::x0:
      return 1;
    case Prediction::eps:
      return 1 / snr;
    case Prediction::score:  // the target is -eps/sigma
      return at.sigma * at.sigma / snr;
    case Prediction::v:
      return 1 / ((snr + 1) * (at.alpha * at.alpha + at.sigma * at.sigma));
    case Prediction::u:
      return tau * tau;
    case Prediction::ncsn:  // the target is -2 eps alpha/sigma
      return s * s / (4 * snr);
    case Prediction::edm:  // c_out^2
      return s * s * 0.25 / (s * s + 0.25);
  }
  return 0;
}

}  // namespace

TEST_CASE("a loss weight pulls x0 the same way whatever the network predicts", "[train]") {
  for (const Path path : {Path::variance_preserving, Path::variance_exploding, Path::straight})
    for (const double lambda : {-3.0, -0.4, 0.0, 0.9, 3.5}) {
      const NoiseLevel at = on_path(path, lambda);
      const double x0 = 0.7, eps = -1.1, guess = 0.2;  // of x0
      const double x_t = at.alpha * x0 + at.sigma * eps;
      for (const LossWeightInfo& row : loss_weights()) {
        if (row.name == "uniform") continue;
        const LossWeight weight = make_loss_weight(std::string(row.name));
        for (const PredictionInfo& info : predictions()) {
          const Prediction prediction = info.prediction;
          CAPTURE(int(path), lambda, row.name, name_of(prediction));
          const double W = printed_weight(row.name, at, path);
          // On the variance-preserving path v's factor is the papers' 1/(SNR + 1).
          CHECK(weight(prediction, at) ==
                Approx(W * printed_factor(prediction, at)).epsilon(1e-9).margin(0));
          // Loss and slope by the estimate of x0, by way of what the network says.
          const Target target = target_of(prediction, at);
          const Recovery back = x0_recovery(prediction, at);
          const float wanted = float(target.c_x0 * x0 + target.c_eps * eps);
          const float said = float((guess - back.from_x * x_t) / back.from_prediction);
          const float w = float(weight(prediction, at));
          float slope = 0;
          const double loss = squared_error({{&said, 1}, {&wanted, 1}, {&w, 1}}, {&slope, 1});
          CHECK(loss == Approx(W * (x0 - guess) * (x0 - guess)).epsilon(1e-4));
          CHECK(slope / back.from_prediction == Approx(2 * W * (guess - x0)).epsilon(1e-4));
        }
      }
    }
}

TEST_CASE("each image's part of the loss is told", "[train]") {
  const std::vector<float> output = {1, 2, 3, 4}, target = {0, 0, 0, 2}, weights = {1, 0.5f};
  std::vector<float> derivative(4);
  std::vector<double> each(2);
  const double loss = squared_error({output, target, weights}, derivative, each);
  CHECK(each == std::vector<double>{2.5, 3.25});
  CHECK(loss == (each[0] + each[1]) / 2);
}

TEST_CASE("level samplers cover the steps", "[train]") {
  const Schedule schedule = make_schedule("linear:T=64");
  const auto step = [&](const std::string& spec, const LevelDraw& draw) {
    const ChosenLevel chosen = make_level_sampler(spec)(draw, schedule, LossHistory());
    CHECK(chosen.level.lambda == schedule.levels[chosen.step].lambda);
    CHECK(chosen.factor == 1);
    return chosen.step;
  };
  CHECK(step("uniform", {0.25, 3, 8}) == 16);
  CHECK(step("stratified", {0.5, 3, 8}) == 28);
  CHECK(step("stratified", {std::nextafter(1.0, 0.0), 63, 64}) == 63);
}

TEST_CASE("the normal quantile undoes the normal distribution", "[train]") {
  for (const double z : {-8.0, -4.0, -1.2, -0.1, 0.0, 0.3, 1.0, 2.5, 5.0})
    CHECK(normal_quantile(std::erfc(-z / std::sqrt(2.0)) / 2) == Approx(z).margin(1e-9));
  CHECK(normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-12));
  CHECK(normal_quantile(0) == -HUGE_VAL);
}

TEST_CASE("normal level samplers have the papers' moments", "[train]") {
  struct Row {
    const char* spec;
    const char* schedule;
    double mean, std;
  };
  for (const Row& row :
       {Row{"log-normal", "karras:T=40", -1.2, 1.2}, Row{"logit-normal", "flow:T=1000", 0, 1},
        Row{"logit-normal:mean=0.5,std=0.7", "cosine:T=100", 0.5, 0.7}}) {
    const Schedule schedule = make_schedule(row.schedule);
    const LevelSampler sampler = make_level_sampler(row.spec);
    double sum = 0, squares = 0;
    constexpr int count = 2000;
    for (int i = 0; i < count; ++i) {
      const ChosenLevel chosen = sampler({(i + 0.5) / count, 0, 1}, schedule, LossHistory());
      const double lambda = chosen.level.lambda;
      sum -= lambda;
      squares += lambda * lambda;
      // Between steps, with the timestep that the schedule gives there.
      CHECK(chosen.level.timestep == schedule.at_lambda(lambda).timestep);
      CHECK(schedule.levels[chosen.step].lambda <= lambda);
      if (chosen.step > 0) CHECK(schedule.levels[chosen.step - 1].lambda > lambda);
    }
    CAPTURE(row.spec);
    CHECK(sum / count == Approx(row.mean).margin(0.01));
    CHECK(std::sqrt(squares / count - std::pow(sum / count, 2)) == Approx(row.std).epsilon(0.01));
  }
  // Beyond the table's ends a level is held at the end.
  const Schedule narrow = make_schedule("ve:sigma_min=0.2,sigma_max=0.4,T=5");
  const LevelSampler sampler = make_level_sampler("log-normal");
  CHECK(sampler({0, 0, 1}, narrow, LossHistory()).level.sigma == Approx(0.2));
  CHECK(sampler({1 - 1e-12, 0, 1}, narrow, LossHistory()).level.sigma == Approx(0.4));
  CHECK_THROWS_WITH(make_level_sampler("log-normal:std=0"),
                    "log-normal: std must be positive, got 0");
}

TEST_CASE("importance follows the losses and leaves the objective as it is", "[train]") {
  const Schedule schedule = make_schedule("linear:T=4");
  const LevelSampler sampler = make_level_sampler("importance:uniform=0.01");
  CHECK(memory_of_level_sampler("importance:uniform=0.01") == Memory::losses);
  CHECK(memory_of_level_sampler("uniform") == Memory::none);
  const std::vector<double> losses = {8, 1, 0.5, 0.5};
  LossHistory history(4);
  for (std::size_t i = 0; i < LossHistory::kept; ++i) {
    CHECK(!history.full());
    CHECK(sampler({0.6, 0, 1}, schedule, history).step == 2);  // uniform until every step is known
    for (std::size_t t = 0; t < 4; ++t) history.add(t, float(losses[t]));
  }
  CHECK(history.full());
  std::vector<double> seen(4);
  double total = 0;
  constexpr int count = 10000;
  for (int i = 0; i < count; ++i) {
    const ChosenLevel chosen = sampler({(i + 0.5) / count, 0, 1}, schedule, history);
    seen[chosen.step] += 1.0 / count;
    total += chosen.factor * losses[chosen.step] / count;
  }
  for (std::size_t t = 0; t < 4; ++t)
    CHECK(seen[t] == Approx(0.99 * losses[t] / 10 + 0.01 / 4).margin(2e-4));
  CHECK(total == Approx(10.0 / 4).epsilon(1e-3));  // the mean over uniform steps
  history.add(1, 21);                              // 9 ones and 21: the second moment counts
  CHECK(history.root_mean_square(1) == Approx(std::sqrt((9 + 21.0 * 21) / 10)));
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
