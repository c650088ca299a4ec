#include <cmath>

#include "lib/rng/noise_source.hpp"
#include "lib/train/likelihood.hpp"
#include "lib/train/loss.hpp"
#include "lib/train/variational_loss.hpp"
#include "lib/train/variational_terms.hpp"
#include "tests/support/catch.hpp"
#include "tests/train/make_batch.hpp"

using namespace diffusion;

namespace {

constexpr std::size_t images = 6, height = 2, width = 3, channels = 2;

TrainingSet pictures() {
  TrainingSet set(height, width, channels);
  for (std::size_t n = 0; n < images; ++n) {
    std::vector<float> pixels(height * width * channels);
    for (std::size_t i = 0; i < pixels.size(); ++i)
      pixels[i] = float(double((37 * (n * pixels.size() + i)) % 256) / 127.5 - 1);
    set.add(pixels, Depth::uint8);
  }
  return set;
}

Objective objective_of(const char* schedule, Prediction prediction) {
  return {.schedule = make_schedule(schedule),
          .prediction = prediction,
          .weight = make_loss_weight("uniform"),
          .levels = make_level_sampler("stratified"),
          .flip = false};
}

}  // namespace

TEST_CASE("the derivatives of the bound's terms agree with differences", "[train]") {
  const double h = 1e-5;
  const auto check = [&](const auto& term, double mean, double log_variance) {
    const Term at = term(mean, log_variance);
    CAPTURE(mean, log_variance);
    CHECK((term(mean + h, log_variance).nats - term(mean - h, log_variance).nats) / (2 * h) ==
          Approx(at.by_mean).epsilon(1e-4).margin(1e-6));
    CHECK((term(mean, log_variance + h).nats - term(mean, log_variance - h).nats) / (2 * h) ==
          Approx(at.by_log_variance).epsilon(1e-4).margin(1e-6));
  };
  for (const double x : {-1.0, -0.2, 1.0})
    for (const double mean : {-0.9, -0.21, 0.4})
      for (const double log_variance : {-12.0, -5.0, 0.5}) {
        check([&](double m, double p) { return density_term(x, m, p); }, mean, log_variance);
        check([&](double m, double p) { return eight_bit_term(x, m, p); }, mean, log_variance);
        check([&](double m, double p) { return kl_term(-4, p, x - m); }, mean, log_variance);
      }
}

TEST_CASE("a loss with a bound has the derivative of its definition", "[train]") {
  const TrainingSet set = pictures();
  for (const char* schedule : {"linear:T=6,beta_end=0.5", "ve:T=6,sigma_min=0.1,sigma_max=5"})
    for (const PredictionInfo& row : predictions()) {
      const Prediction prediction = row.prediction;
      BatchMaker maker(set, objective_of(schedule, prediction), 3);
      const Batch batch = make_batch(maker, 0, images);  // one image a step
      const std::size_t count = 2 * batch.target.count();
      std::vector<float> output(count);
      NoiseSource(1, "test").fill(output, 0, 0);
      for (std::size_t i = 0; i < batch.target.count(); ++i) {  // near the truth
        float& said = output[2 * i - i % channels];
        said = batch.target.floats()[i] + 0.1f * said;
      }
      const LossKind bound = make_loss_kind("bound"), hybrid = make_loss_kind("hybrid:bound=1");
      std::vector<float> slope(count), detached(count), ignored(count);
      std::vector<double> each(images);
      const auto loss = [&](std::vector<float>& derivative) {
        return add_variational_bound(bound, maker.objective(), batch, output, derivative, {});
      };
      const double value =
          add_variational_bound(bound, maker.objective(), batch, output, slope, each);
      double sum = 0;
      for (const double one : each) sum += one / double(images);
      CHECK(value == Approx(sum));
      add_variational_bound(hybrid, maker.objective(), batch, output, detached, {});
      for (std::size_t i = 0; i < count; ++i) {
        const float saved = output[i];
        const double h = 1.0 / 1024;
        output[i] = float(saved + h);
        const double up = loss(ignored);
        output[i] = float(saved - h);
        const double down = loss(ignored);
        const double apart = double(float(saved + h)) - double(float(saved - h));
        output[i] = saved;
        CAPTURE(schedule, name_of(prediction), i);
        CHECK((up - down) / apart == Approx(slope[i]).epsilon(5e-3).margin(2e-4));
        const bool is_mean = i % (2 * channels) < channels;
        CHECK(detached[i] == (is_mean ? 0 : slope[i]));
      }
    }
}

TEST_CASE("the bound that is trained is the bound that is evaluated", "[train]") {
  const TrainingSet set = pictures();
  BatchMaker maker(set, objective_of("linear:T=6,beta_end=0.5", Prediction::x0), 3);
  const Batch batch = make_batch(maker, 0, images);
  std::vector<float> output(2 * batch.target.count()), ignored(output.size());
  for (std::size_t i = 0; i < batch.target.count(); ++i) {
    output[2 * i - i % channels] = 0.1f;              // says x0 = 0.1
    output[2 * i - i % channels + channels] = -0.5f;  // v = 1/4
  }
  std::vector<double> each(images);
  add_variational_bound(make_loss_kind("bound"), maker.objective(), batch, output, ignored, each);
  const Denoiser says = [](const Tensor& x, const NoiseLevel&) {
    Denoised said{Tensor(x.shape()), {}, Tensor(x.shape())};
    std::fill(said.x0.begin(), said.x0.end(), 0.1f);
    std::fill(said.variance_share->begin(), said.variance_share->end(), 0.25f);
    return said;
  };
  const std::size_t size = height * width * channels;
  for (std::size_t n = 0; n < images; ++n) {
    const ChosenLevel& level = batch.levels[n];
    Tensor x0(Shape{1, height, width, channels});
    for (std::size_t i = 0; i < size; ++i) x0.data()[i] = batch.target.floats()[n * size + i];
    double bits = 0;
    variational_bounds(says, x0, 0,
                       {.schedule = maker.objective().schedule,
                        .terms = 100,
                        .variance = ReverseVariance::learned,
                        .noise = NoiseSource(0, "test")},
                       [&](const BoundVisit& visit) {
                         if (visit.t == int(level.step) + 1) bits = visit.bits;
                       });
    CHECK(each[n] == Approx(6 * bits).epsilon(1e-4));
  }
}
