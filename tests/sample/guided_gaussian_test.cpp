// A Gaussian guided by a broader one: the guided estimate and where its ODE leads are known.
#include "lib/models/mixture.hpp"
#include "lib/noise/guidance.hpp"
#include "lib/sample/sampler.hpp"
#include "lib/sample/start.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gaussian.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::largest_difference;
using testing::normals;

namespace {

constexpr double mean = 0.3, narrow = 0.4, broad = 0.9;

Denoiser denoiser_of(double std) {
  const auto mixture = std::make_shared<const Mixture>(Mixture{
      .weights = {1}, .means = {{mean, mean}}, .stds = {std}, .shape = {1, 1, 2}, .labels = {}});
  return diffusion::denoiser_of(mixture, {});
}

/// A state as wide as those that walks start from.
Tensor state(const NoiseLevel& at, Path path) {
  const Tensor x = normals({8, 1, 1, 2}, 1);
  return combine(start_scale(path, at), x, 0, x);
}

Denoiser guided_by(double scale) {
  return guided(denoiser_of(narrow), denoiser_of(broad), {.scale = scale});
}

/// The variance of x_t over alpha^2.
double variance(double std, const NoiseLevel& at) {
  return std * std + at.ve_sigma() * at.ve_sigma();
}

/// The score of p_narrow^w p_broad^(1 - w) at every level, as an estimate of x0.
Tensor exact_x0(const Tensor& x, const NoiseLevel& at, double w) {
  const double precision = w / variance(narrow, at) + (1 - w) / variance(broad, at);
  const double pull = at.ve_sigma() * at.ve_sigma() * precision;
  Tensor x0 = combine((1 - pull) / at.alpha, x, 0, x);
  x0 += float(pull * mean);
  return x0;
}

/// d log|y - mean| / d log sigma = sigma^2 precision for y = x / alpha: the ODE's end.
Tensor exact_end(const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, double w) {
  const double scale = std::pow(variance(narrow, to) / variance(narrow, from), w / 2) *
                       std::pow(variance(broad, to) / variance(broad, from), (1 - w) / 2);
  Tensor end = combine(to.alpha / from.alpha * scale, x, 0, x);
  end += float(to.alpha * mean * (1 - scale));
  return end;
}

}  // namespace

TEST_CASE("a Gaussian guided by a broader one has the product's score", "[sample]") {
  const double w = GENERATE(0.0, 0.5, 2.0, 3.0);
  for (const Path path : {Path::variance_preserving, Path::variance_exploding, Path::straight})
    for (const double lambda : {-3.0, 0.0, 2.0}) {
      const NoiseLevel at = on_path(path, lambda);
      const Tensor x = state(at, path);
      CAPTURE(w, int(path), lambda);
      CHECK(largest_difference(guided_by(w)(x, at).x0, exact_x0(x, at, w)) < 1e-5);
    }
}

TEST_CASE("samples of a Gaussian guided by a broader one end where they must", "[sample]") {
  const double w = GENERATE(0.5, 2.0, 3.0);
  for (const char* const family : {"cosine", "karras", "flow"}) {
    const Schedule schedule = make_schedule(family);
    const auto grid = make_grid("trailing", schedule, 400);
    const Tensor x = state(grid.front(), schedule.path);
    const Denoiser denoise = guided_by(w);
    const Tensor got = make_sampler("heun")(
        {.denoise = denoise, .x = x, .grid = grid, .path = schedule.path, .schedule = &schedule});
    CAPTURE(w, family);
    CHECK(largest_difference(got, exact_end(x, grid.front(), grid.back(), w)) < 2e-3);
  }
}

TEST_CASE("a scale of 1 asks the model alone, and changes no bit", "[sample]") {
  const Tensor x = normals({4, 1, 1, 2}, 1);
  const NoiseLevel at = on_path(Path::variance_preserving, -0.5);
  CHECK(largest_difference(guided_by(1)(x, at).x0, denoiser_of(narrow)(x, at).x0) == 0);
}
