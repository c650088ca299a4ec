#include "lib/train/ode_likelihood.hpp"

#include <cmath>
#include <memory>

#include "lib/models/mixture.hpp"
#include "lib/models/model_denoiser.hpp"
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

namespace {

/// <v, x0> for v in the direction of w: by central differences, and as it is pulled back.
void check_pullback(const Denoiser& denoise, const Tensor& x, const NoiseLevel& at,
                    double tolerance) {
  const Tensor v = normals(x.shape(), 7), w = normals(x.shape(), 8);
  const Pullback* const pull = pullback_of(denoise);
  REQUIRE(pull);
  const Pulled pulled = (*pull)(x, at, v);
  const Tensor x0 = denoise(x, at).x0;
  const auto dot = [](const Tensor& a, const Tensor& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += double(a.data()[i]) * b.data()[i];
    return sum;
  };
  CHECK(dot(pulled.x0, v) == Approx(dot(x0, v)));
  const double h = 0x1p-7;
  const auto along = [&](double step) { return dot(denoise(combine(1, x, step, w), at).x0, v); };
  const auto difference = [&](double step) { return (along(step) - along(-step)) / (2 * step); };
  const double measured = (4 * difference(h / 2) - difference(h)) / 3;
  CHECK(std::abs(dot(pulled.derivative, w) - measured) < tolerance);
}

}  // namespace

TEST_CASE("a mixture's derivative is its denoiser's", "[train]") {
  const auto mixture = std::make_shared<const Mixture>(
      Mixture{.weights = {0.3, 0.5, 0.2},
              .means = {{0.6, 0.5, -0.2}, {-0.5, 0.1, 0.4}, {0, 0.3, 0.2}},
              .stds = {0.2, 0.4, 0},
              .shape = {1, 1, 3},
              .labels = {0, 1, 1}});
  const Schedule schedule = make_schedule(GENERATE("cosine", "ve", "flow"));
  const std::vector<int> labels = GENERATE(std::vector<int>{}, std::vector<int>{1, -1});
  for (const int t : {200, 500, 900}) {
    CAPTURE(schedule.family, t, labels.size());
    check_pullback(denoiser_of(mixture, labels), normals({2, 1, 1, 3}, 5), schedule.at(t), 1e-3);
  }
}

TEST_CASE("a network's derivative is its denoiser's, whatever it predicts", "[train]") {
  const Json config = parse_json(R"({
    "in_channels": 2, "out_channels": 2, "block_out_channels": [8, 16], "layers_per_block": 1,
    "down_block_types": ["DownBlock2D", "AttnDownBlock2D"],
    "up_block_types": ["AttnUpBlock2D", "UpBlock2D"], "norm_num_groups": 4})",
                                 "network");
  const bool with_variance = GENERATE(false, true);
  Json model = config;
  if (with_variance) model["out_channels"] = 4;
  const std::shared_ptr<Network> network = make_network(model, 3);
  const auto prediction = GENERATE(Prediction::eps, Prediction::x0, Prediction::v, Prediction::edm);
  const NetworkFace face{prediction, Path::variance_preserving};
  const DifferentiableDenoiser denoise{model_denoiser(network, face),
                                       model_pullback(network, face)};
  check_pullback(denoise, normals({2, 4, 4, 2}, 5), make_schedule("cosine").at(400), 5e-3);
}

TEST_CASE("densities by derivatives and by differences are one", "[train]") {
  const auto mixture =
      std::make_shared<const Mixture>(Mixture{.weights = {0.5, 0.5},
                                              .means = {{0.6, 0.5, -0.2}, {-0.5, 0.1, 0.4}},
                                              .stds = {0.2, 0.4},
                                              .shape = {1, 1, 3}});
  const Denoiser exact = denoiser_of(mixture, {});
  const Denoiser plain = [&](const Tensor& x, const NoiseLevel& at) { return exact(x, at); };
  REQUIRE(!pullback_of(plain));
  const Schedule schedule = make_schedule("cosine");
  const Tensor x = normals({4, 1, 1, 3}, 5);
  const auto bits = [&](const Denoiser& denoise) {
    return ode_bits(denoise, x, 0,
                    {.schedule = schedule, .steps = 50, .noise = NoiseSource(0, "t")});
  };
  const auto derivatives = bits(exact), differences = bits(plain);
  for (std::size_t n = 0; n < 4; ++n) CHECK(derivatives[n] == Approx(differences[n]).margin(1e-3));
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
