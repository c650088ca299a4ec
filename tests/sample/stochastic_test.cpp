// Samplers that draw noise, on Gaussian data, where their step is affine in the state and
// in its draws: mean and variance of their samples follow exactly, by superposition.
#include <cmath>
#include <string>

#include "lib/sample/sampler.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gaussian.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::filled;
using testing::normals;

namespace {

constexpr Path paths[] = {Path::variance_preserving, Path::variance_exploding, Path::straight};
const testing::Gaussian data;

std::vector<NoiseLevel> uniform_grid(Path path, int steps) {
  std::vector<NoiseLevel> levels;
  for (int i = 0; i <= steps; ++i) levels.push_back(on_path(path, -2 + 4.0 * i / steps));
  return levels;
}

/// Where a start leads with one draw set to 1 and all others to 0.
class Response {
 public:
  Response(const std::string& spec, Path path, std::vector<NoiseLevel> grid,
           const testing::Gaussian& of = data)
      : sampler_(make_sampler(spec)), path_(path), grid_(std::move(grid)), data_(of) {}

  double operator()(double start, std::uint32_t set) {
    const Denoiser exact = data_.denoiser();
    const NoiseDraw noise = [&](const Shape& shape, std::uint32_t draw) {
      most_ = std::max(most_, draw);
      return filled(shape, draw == set ? 1.0f : 0.0f);
    };
    return sampler_({.denoise = exact,
                     .x = filled({1, 1, 1, 1}, float(start)),
                     .grid = grid_,
                     .path = path_,
                     .noise = noise})(0, 0, 0, 0);
  }
  std::uint32_t draws() const { return most_; }

 private:
  Sampler sampler_;
  Path path_;
  std::vector<NoiseLevel> grid_;
  testing::Gaussian data_;
  std::uint32_t most_ = 0;
};

testing::Moments samples_of(const std::string& spec, Path path, int steps,
                            const testing::Gaussian& of = data) {
  const auto grid = uniform_grid(path, steps);
  Response response(spec, path, grid, of);
  const double start = grid.front().alpha * of.mean, spread = of.spread(grid.front());
  const double mean = response(start, 0);
  double variance = std::pow(response(start + spread, 0) - mean, 2);
  for (std::uint32_t draw = 1; draw <= response.draws(); ++draw)
    variance += std::pow(response(start, draw) - mean, 2);
  return {mean, variance};
}

/// Of the standard deviation, and of the mean in its units.
double error_of(const std::string& spec, Path path, int steps) {
  const NoiseLevel last = uniform_grid(path, steps).back();
  const double spread = data.spread(last);
  const auto [mean, variance] = samples_of(spec, path, steps);
  return std::max(std::abs(mean - last.alpha * data.mean) / spread,
                  std::abs(std::sqrt(variance) / spread - 1));
}

}  // namespace

TEST_CASE("samples of the SDE have the data's moments, the nearer the more steps", "[sample]") {
  const auto spec = GENERATE(
      as<std::string>(), "ddim:eta=0.5", "ddim:eta=1", "euler-ancestral", "euler:churn=10",
      "heun:churn=10", "dpm2:churn=10", "dpm2-ancestral", "dpmpp-2s:eta=1", "dpmpp-2m-sde",
      "dpmpp-2m-sde:eta=0.5", "dpmpp-3m-sde", "dpmpp-sde", "dpmpp-sde:noise=independent", "sde",
      "predictor-corrector:corrections=0", "predictor-corrector:corrections=0,predictor=ancestral",
      "dpm-2m-sde", "dpm-2m-sde:solver=heun,eta=0.5", "sa-solver", "sa-solver:order=3,corrector=0",
      "dpmpp-3s:eta=1", "dpm:eta=1", "edm:churn=10,time=vp,scaling=vp",
      "euler:churn=5,asked=before");
  for (const Path path : paths) {
    const double coarse = error_of(spec, path, 32), fine = error_of(spec, path, 64);
    CAPTURE(spec, int(path), coarse, fine);
    CHECK(fine < 0.05);
    CHECK((fine < 1e-4 || coarse / fine > std::exp2(0.7)));
  }
}

// y' = y - step (sigma/s)^2 (y - mean) + sqrt(2 step) sigma z, s^2 = std^2 + sigma^2, has the
// stationary variance s^2 / (1 - step (sigma/s)^2 / 2).
TEST_CASE("Langevin dynamics ends at its stationary moments", "[sample]") {
  for (const Path path : paths) {
    const NoiseLevel at = on_path(path, 0.5);
    const double step = 0.2, spread = data.spread(at) / at.alpha,
                 share = std::pow(at.ve_sigma() / spread, 2);
    const std::string spec = "langevin:step=0.2,per_level=60";
    Response response(spec, path, {on_path(path, 0), at});
    const double mean = response(0, 0);
    double variance = 0;
    for (std::uint32_t draw = 1; draw <= response.draws(); ++draw)
      variance += std::pow(response(0, draw) - mean, 2);
    CAPTURE(int(path));
    CHECK(mean == Approx(at.alpha * data.mean).epsilon(1e-3));
    CHECK(variance ==
          Approx(std::pow(at.alpha * spread, 2) / (1 - step * share / 2)).epsilon(1e-3));
  }
}

// Its corrections are not affine in the state, so samples are drawn. Images of 64 pixels:
// the size of a Langevin step comes from the norms of one image.
TEST_CASE("predictor-corrector samples have nearly the data's moments", "[sample]") {
  const Denoiser exact = data.denoiser();
  for (const Path path : paths) {
    const auto levels = uniform_grid(path, 100);
    const Shape shape{400, 8, 8, 1};
    Tensor x = normals(shape, 1);
    for (float& value : x)
      value = float(levels.front().alpha * data.mean + data.spread(levels.front()) * value);
    const NoiseDraw noise = [](const Shape& of, std::uint32_t draw) {
      return normals(of, 2, draw);
    };
    const auto [mean, variance] = testing::moments(make_sampler("predictor-corrector")(
        {.denoise = exact, .x = x, .grid = levels, .path = path, .noise = noise}));
    const double spread = data.spread(levels.back());
    CAPTURE(int(path));
    CHECK(mean == Approx(levels.back().alpha * data.mean).margin(0.02 * spread));
    CHECK(std::sqrt(variance) == Approx(spread).epsilon(0.05));
  }
}

// On one Brownian path the noise of the first half is part of the whole's, whose variance
// stays what it is: seen where the data is a point, so that the denoiser does not hear it.
TEST_CASE("dpmpp-sde adds as much noise whether its halves share it or not", "[sample]") {
  const testing::Gaussian point{.mean = 0.3, .std = 0};
  for (const Path path : paths) {
    const auto shared = samples_of("dpmpp-sde", path, 8, point);
    const auto apart = samples_of("dpmpp-sde:noise=independent", path, 8, point);
    const NoiseLevel last = uniform_grid(path, 8).back();
    CAPTURE(int(path));
    CHECK(shared.variance == Approx(apart.variance).epsilon(1e-5));
    CHECK(shared.variance == Approx(std::pow(last.sigma, 2)).epsilon(1e-5));
  }
}

// A denoiser that hears the first half's noise answers it: less is left of shared noise.
TEST_CASE("dpmpp-sde on one Brownian path differs from halves apart", "[sample]") {
  const auto shared = samples_of("dpmpp-sde", Path::variance_exploding, 8);
  const auto apart = samples_of("dpmpp-sde:noise=independent", Path::variance_exploding, 8);
  CHECK(shared.mean == Approx(apart.mean));
  CHECK(shared.variance != Approx(apart.variance).epsilon(1e-3));
}
