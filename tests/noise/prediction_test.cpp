#include "lib/noise/precondition.hpp"

#include <cmath>

#include "lib/noise/combine.hpp"
#include "lib/noise/forward.hpp"
#include "lib/noise/posterior.hpp"
#include "lib/noise/wrappers.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::filled;
using testing::largest_difference;
using testing::normals;

namespace {

NoiseLevel at_alpha_bar(double alpha_bar) {
  return on_path(Path::variance_preserving, std::log(alpha_bar / (1 - alpha_bar)) / 2);
}

Tensor numbers(std::vector<float> values) {
  Tensor x(Shape{values.size()});
  std::copy(values.begin(), values.end(), x.begin());
  return x;
}

}  // namespace

TEST_CASE("the worked values of the forward process", "[noise]") {
  CHECK(noised(numbers({2}), numbers({-0.5f}), at_alpha_bar(0.81))(0) ==
        Approx(1.582055).epsilon(1e-6));
  const Tensor x = noised(numbers({3, 0}), numbers({-1, 2}), at_alpha_bar(0.64));
  CHECK(x(0) == Approx(1.8).epsilon(1e-6));
  CHECK(x(1) == Approx(1.2).epsilon(1e-6));
}

TEST_CASE("the worked value of undoing it", "[noise]") {
  const Tensor x_t = numbers({1.2f, -0.3f}), eps = numbers({0.5f, -1.0f});
  const Tensor x0 = denoised_from(Prediction::eps, eps, x_t, at_alpha_bar(0.36)).x0;
  CHECK(x0(0) == Approx(4.0 / 3).epsilon(1e-6));
  CHECK(x0(1) == Approx(5.0 / 6).epsilon(1e-6));
}

// Ho et al. 2020, Eq. 11, against the posterior mean at the x0 that eps implies.
TEST_CASE("the worked value of the reverse mean", "[noise]") {
  const double beta = 0.1, alpha_bar = 0.5;
  const NoiseLevel from = at_alpha_bar(alpha_bar), to = at_alpha_bar(alpha_bar / (1 - beta));
  const Tensor x_t = numbers({0.7f}), eps = numbers({0.2f});
  const Tensor x0 = denoised_from(Prediction::eps, eps, x_t, from).x0;
  CHECK(posterior_mean(x0, x_t, from, to)(0) == Approx(0.7081).epsilon(1e-4));
  CHECK(posterior_mean(x0, x_t, from, to)(0) ==
        Approx((0.7 - beta / std::sqrt(1 - alpha_bar) * 0.2) / std::sqrt(1 - beta)).epsilon(1e-6));
}

TEST_CASE("every prediction gives back x0 and eps on every path", "[noise]") {
  const Tensor x0 = normals({50}, 1), eps = normals({50}, 2);
  for (const Path path : {Path::variance_preserving, Path::variance_exploding, Path::straight})
    for (const double lambda : {-4.0, -1.0, 0.0, 0.5, 4.0})
      for (const PredictionInfo& row : predictions()) {
        const Prediction prediction = row.prediction;
        const NoiseLevel at = on_path(path, lambda);
        const Target target = target_of(prediction, at);
        const Tensor predicted = combine(target.c_x0, x0, target.c_eps, eps);
        const Tensor x_t = noised(x0, eps, at);
        const Denoised denoised = denoised_from(prediction, predicted, x_t, at);
        CAPTURE(int(path), lambda, name_of(prediction));
        // Rounding of x_t and of the prediction, amplified by the worse of the two ratios.
        const double gain = 1 + at.ve_sigma() + 1 / at.ve_sigma();
        CHECK(largest_difference(denoised.x0, x0) < 1e-6 * gain);
        CHECK(largest_difference(eps_of(denoised, x_t, at), eps) < 1e-6 * gain);
        const Recovery recovery = eps_recovery(prediction, at);
        CHECK(largest_difference(combine(recovery.from_x, x_t, recovery.from_prediction, predicted),
                                 eps) < 1e-6 * gain);
      }
}

// Karras et al. 2022, Table 1, as it is printed.
TEST_CASE("EDM's preconditioning is the table's, on every path", "[noise]") {
  for (const Path path : {Path::variance_preserving, Path::variance_exploding, Path::straight})
    for (const double lambda : {-4.0, -0.7, 0.0, 2.0}) {
      const NoiseLevel at = on_path(path, lambda);
      const double s = at.ve_sigma(), sd = 0.5, both = s * s + sd * sd;
      const double c_skip = sd * sd / both, c_out = s * sd / std::sqrt(both);
      const Recovery x0 = x0_recovery(Prediction::edm, at);
      CHECK(x0.from_x == Approx(c_skip / at.alpha));
      CHECK(x0.from_prediction == Approx(c_out));
      const NetworkInput input = network_input({Prediction::edm, path}, at);
      CHECK(input.scale == Approx(1 / std::sqrt(both) / at.alpha));
      CHECK(input.timestep == Approx(std::log(s) / 4).margin(1e-12));
      // Its target has the variance 1 for data of the spread sigma_data.
      const Target target = target_of(Prediction::edm, at);
      CHECK(std::hypot(target.c_x0 * sd, target.c_eps) == Approx(1));
    }
}

TEST_CASE("states of an exploding path reach the network at the data's size", "[noise]") {
  NoiseLevel at = on_path(Path::variance_exploding, -std::log(3.0));
  at.timestep = 17;
  const NetworkInput input = network_input({Prediction::eps, Path::variance_exploding}, at);
  CHECK(input.scale == Approx(1 / std::sqrt(10.0)));
  CHECK(input.timestep == 17);
  CHECK(network_input({Prediction::u, Path::straight}, on_path(Path::straight, 1)).scale == 1);
  for (const Path path : {Path::variance_preserving, Path::variance_exploding, Path::straight}) {
    const NoiseLevel level = on_path(path, -1);
    const NetworkInput unit = network_input({Prediction::ncsn, path}, level);
    // -1, 0 and 1 become 0, 1/2 and 1; their noise halves.
    CHECK(unit.scale * -level.alpha + unit.offset == Approx(0).margin(1e-12));
    CHECK(unit.scale * level.alpha + unit.offset == Approx(1));
    CHECK(unit.timestep == Approx(unit.scale * level.sigma));
    // The score of that noise is -eps over its size.
    CHECK(target_of(Prediction::ncsn, level).c_eps == Approx(-1 / unit.timestep));
  }
}

TEST_CASE("v, x0, u and edm work at pure noise, eps and score are refused", "[noise]") {
  const NoiseLevel noise = on_path(Path::variance_preserving, -HUGE_VAL);
  const Tensor x0 = normals({5}, 1), eps = normals({5}, 2);
  for (const auto prediction : {Prediction::x0, Prediction::v, Prediction::u, Prediction::edm}) {
    const Target target = target_of(prediction, noise);
    const Tensor predicted = combine(target.c_x0, x0, target.c_eps, eps);
    CHECK(largest_difference(denoised_from(prediction, predicted, eps, noise).x0, x0) < 1e-6);
  }
  for (const auto prediction : {Prediction::eps, Prediction::score})
    CHECK_THROWS_WITH(denoised_from(prediction, eps, eps, noise),
                      Contains("cannot start from pure noise"));
}

TEST_CASE("predictions have names", "[noise]") {
  CHECK(parse_prediction("v") == Prediction::v);
  CHECK(parse_prediction("epsilon") == Prediction::eps);
  CHECK(parse_prediction("sample") == Prediction::x0);
  CHECK(parse_prediction("v_prediction") == Prediction::v);
  CHECK_THROWS_WITH(parse_prediction("epsylon"),
                    "unknown prediction 'epsylon' (have: eps, x0, v, u, score, ncsn, edm)");
}

TEST_CASE("clipping limits x0 and derives eps again", "[noise]") {
  const Denoiser wild = [](const Tensor& x, const NoiseLevel&) {
    return Denoised{filled(x.shape(), 3), filled(x.shape(), 9), {}};
  };
  const NoiseLevel at = on_path(Path::variance_preserving, 0);
  const Tensor x_t = filled({2}, 0.5f);
  const Denoised denoised = clipped(wild)(x_t, at);
  CHECK(denoised.x0(0) == 1);
  CHECK(eps_of(denoised, x_t, at)(0) == Approx((0.5 - at.alpha) / at.sigma).epsilon(1e-6));
}

TEST_CASE("combinations leave out what is weighted with 0", "[noise]") {
  const Tensor bad = numbers({std::nanf(""), HUGE_VALF}), good = numbers({1, 2});
  CHECK(largest_difference(combine(0, bad, 2, good), numbers({2, 4})) == 0);
  CHECK(largest_difference(combine(3, good, 0, bad), numbers({3, 6})) == 0);
}
