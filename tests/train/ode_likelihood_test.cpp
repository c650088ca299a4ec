#include "lib/train/ode_likelihood.hpp"

#include <cmath>

#include "lib/models/mixture.hpp"
#include "lib/train/variational_terms.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gaussian.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::normals;

namespace {

Tensor images_of(const testing::Gaussian& data, std::size_t count) {
  const Tensor z = normals({count, 4, 4, 1}, 3);
  Tensor x = combine(data.std, z, 0, z);
  x += float(data.mean);
  return x;
}

}  // namespace

TEST_CASE("the ODE gives a Gaussian its exact density on every path", "[train]") {
  const testing::Gaussian data;
  const Tensor x = images_of(data, 5);
  for (const char* spec : {"linear", "ve", "flow", "cosine"}) {
    const Schedule schedule = make_schedule(spec);
    const auto bits = ode_bits(data.denoiser(), x, 0,
                               {.schedule = schedule, .steps = 200, .noise = NoiseSource(0, "t")});
    // The flow is affine, from the spread at the first level to that at the last.
    const NoiseLevel first = schedule.levels.front(),
                     last = schedule.at(schedule.steps() - (schedule.path == Path::straight));
    const double start = (schedule.path == Path::variance_preserving ? 1 : last.sigma) / last.alpha;
    const double grown =
        std::hypot(data.std, last.ve_sigma()) / std::hypot(data.std, first.ve_sigma());
    for (std::size_t n = 0; n < 5; ++n) {
      double nats = 0;
      for (std::size_t i = 0; i < 16; ++i)
        nats += (density_term(data.mean + grown * (x.data()[16 * n + i] - data.mean), 0,
                              2 * std::log(start))
                     .nats -
                 std::log(grown)) /
                16;
      CAPTURE(spec, n);
      CHECK(bits[n] == Approx(bits_per_nat * nats).margin(2e-3));
    }
  }
}

TEST_CASE("Heun's steps bring it there with order 2", "[train]") {
  const testing::Gaussian data;
  const Tensor x = images_of(data, 1);
  const Schedule schedule = make_schedule("ve:sigma_min=0.1,sigma_max=20");
  const auto bits = [&](int steps) {
    return ode_bits(data.denoiser(), x, 0,
                    {.schedule = schedule, .steps = steps, .noise = NoiseSource(0, "t")})[0];
  };
  const double exact = bits(640);
  const double order = std::log2(std::abs(bits(10) - exact) / std::abs(bits(20) - exact));
  CHECK(order == Approx(2).margin(0.4));
}

TEST_CASE("dequantised values fill their bins", "[train]") {
  Tensor x(Shape{2, 50, 10, 1});
  std::fill(x.begin(), x.end(), float(20 / 127.5 - 1));
  const Tensor spread = dequantised(x, 3, NoiseSource(0, "t"));
  const auto [mean, variance] = testing::moments(spread);
  CHECK(mean == Approx(20 / 127.5 - 1).margin(3e-4));
  CHECK(variance == Approx(std::pow(2.0 / 255, 2) / 12).epsilon(0.1));
  for (const float value : spread) CHECK(int((value + 1) * 127.5 + 0.5) == 20);
  CHECK(bits_of_bin == Approx(std::log2(127.5)).epsilon(1e-14));
}

// Not Gaussian: the divergence depends on the state, and a probe sees it with variance.
TEST_CASE("probes estimate the density of a mixture", "[train]") {
  const Mixture mixture{.weights = {0.5, 0.5},
                        .means = {{0.6, 0.5, -0.2}, {-0.5, 0.1, 0.4}},
                        .stds = {0.2, 0.4},
                        .shape = {1, 1, 3}};
  const Denoiser denoise = [&](const Tensor& x, const NoiseLevel& at) {
    return mixture.denoise(x, at, {});
  };
  constexpr std::size_t count = 400;  // of one point, each with a probe of its own
  const double point[] = {0.1, 0.2, 0.1};
  Tensor x(Shape{count, 1, 1, 3});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = float(point[i % 3]);
  const Schedule schedule = make_schedule("ve:sigma_min=0.01");
  const auto bits =
      ode_bits(denoise, x, 0, {.schedule = schedule, .steps = 150, .noise = NoiseSource(0, "t")});
  double density = 0;
  for (std::size_t k = 0; k < 2; ++k) {
    double nats = 0;
    const double variance = std::pow(mixture.stds[k], 2) + 1e-4;
    for (std::size_t i = 0; i < 3; ++i)
      nats += density_term(point[i], mixture.means[k][i], std::log(variance)).nats;
    density += 0.5 * std::exp(-nats);
  }
  double sum = 0, squares = 0;
  for (const double b : bits) sum += b, squares += b * b;
  const double mean = sum / count, error = std::sqrt((squares / count - mean * mean) / count);
  CHECK(error > 0);
  CHECK(std::abs(mean + std::log2(density) / 3) < 4 * error + 2e-3);
}
