// Every sampler in the registry is held to the order of convergence it claims.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "lib/sample/sampler.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gaussian.hpp"
#include "tests/support/tensors.hpp"
#include "tests/support/two_gaussians.hpp"

using namespace diffusion;
using testing::filled;
using testing::largest_difference;
using testing::normals;

namespace {

constexpr Path paths[] = {Path::variance_preserving, Path::variance_exploding, Path::straight};

constexpr double first_lambda = -2, last_lambda = 1;

// Uniform in lambda and stopping short of clean data, where orders are defined. The first
// interval is parted into ever longer ones: what a multistep method loses before it has a
// history then counts for (2^-8)^2 of what it would.
std::vector<NoiseLevel> grid(Path path, int steps) {
  const auto at = [&](double intervals) {
    return on_path(path, first_lambda + (last_lambda - first_lambda) * intervals / steps);
  };
  std::vector<NoiseLevel> levels{at(0)};
  for (int part = 8; part > 0; --part) levels.push_back(at(std::exp2(-part)));
  for (int i = 1; i <= steps; ++i) levels.push_back(at(i));
  return levels;
}

NoiseDraw draws(std::uint64_t seed) {
  return [=](const Shape& shape, std::uint32_t draw) { return normals(shape, seed, draw); };
}

double error_after(const Sampler& sampler, Path path, int steps) {
  const testing::Gaussian data;
  const Denoiser exact = data.denoiser();
  const auto levels = grid(path, steps);
  const Tensor x = normals({64, 1, 1, 1}, 7);
  const Tensor got = sampler({.denoise = exact, .x = x, .grid = levels, .path = path});
  return largest_difference(got, data.flow(x, levels.front(), levels.back()));
}

/// The start and the end of the exact ODE on one path.
struct Solved {
  Path path;
  testing::TwoGaussians data = {};
  Tensor x, end;

  explicit Solved(Path on) : path(on), x(normals({32, 1, 1, 1}, 7)) {
    const NoiseLevel first = on_path(path, first_lambda);
    for (float& value : x) value *= float(std::hypot(first.alpha, first.sigma));
    end = data.flow(x, path, first_lambda, last_lambda);
  }

  double error_after(const Sampler& sampler, int steps) const {
    const Denoiser exact = data.denoiser();
    const auto levels = grid(path, steps);
    return largest_difference(sampler({.denoise = exact, .x = x, .grid = levels, .path = path}),
                              end);
  }
};

}  // namespace

// Errors of ever more steps, as long as they stand clear of float32's rounding. An order
// well above the claim is a claim that is wrong, too.
TEST_CASE("samplers converge at the order the registry claims", "[sample]") {
  constexpr double rounding = 6e-6;
  for (const Path path : paths) {
    const Solved problem(path);
    for (const auto& row : samplers()) {
      if (row.draws == Draws::noise || row.pace == Pace::state) continue;
      const Sampler sampler = make_sampler(row.name);
      double coarse = problem.error_after(sampler, 12), fine = problem.error_after(sampler, 24);
      for (int steps = 48; steps <= 96; steps *= 2) {
        const double finer = problem.error_after(sampler, steps);
        if (finer < rounding) break;
        coarse = std::exchange(fine, finer);
      }
      const double order = std::log2(coarse / fine);
      CAPTURE(row.name, int(path), coarse, fine, order);
      CHECK(order > row.order - 0.3);
      CHECK(order < row.order + 0.4);
      CHECK(fine < 0.02);
    }
  }
}

TEST_CASE("an adaptive sampler errs in proportion to its tolerance", "[sample]") {
  const auto name =
      GENERATE(as<std::string>(), "ode", "dpm-adaptive", "dpm-adaptive:order=2,h=0.1");
  const std::string spec = name + (name.find(':') == name.npos ? ":" : ",");
  for (const Path path : paths) {
    const double loose = error_after(make_sampler(spec + "rtol=1e-2,atol=1e-2"), path, 2),
                 tight = error_after(make_sampler(spec + "rtol=1e-5,atol=1e-5"), path, 2);
    CAPTURE(spec, int(path), loose, tight);
    CHECK(loose < 1e-1);  // ten steps, each within the tolerance
    CHECK(tight < 1e-4);
  }
}

// Marginals cannot tell one eta from another, so the step itself is checked.
TEST_CASE("a DDIM step with eta=1 is the DDPM posterior", "[sample]") {
  const auto spec = GENERATE(as<std::string>(), "ddim:eta=1", "ddim:eta=1,variance=large");
  const std::vector<NoiseLevel> levels{on_path(Path::variance_preserving, -1),
                                       on_path(Path::variance_preserving, 0.2)};
  const double ab = levels[0].alpha * levels[0].alpha,
               ab_before = levels[1].alpha * levels[1].alpha;
  const double beta = 1 - ab / ab_before, x0 = 0.7, x_t = -0.4;

  const Denoiser constant = [&](const Tensor& x, const NoiseLevel&) {
    return Denoised{filled(x.shape(), float(x0)), {}, {}};
  };
  const auto step = [&](float z) {
    const NoiseDraw noise = [=](const Shape& shape, std::uint32_t) { return filled(shape, z); };
    return double(make_sampler(spec)({.denoise = constant,
                                      .x = filled({1, 1, 1, 1}, float(x_t)),
                                      .grid = levels,
                                      .noise = noise})(0, 0, 0, 0));
  };
  // Ho et al. 2020, Eq. 7; the step is affine in its draw, so two draws show both moments.
  const double mean =
      (std::sqrt(ab_before) * beta * x0 + std::sqrt(1 - beta) * (1 - ab_before) * x_t) / (1 - ab);
  const bool large = spec.find("large") != spec.npos;
  const double variance = large ? beta : (1 - ab_before) / (1 - ab) * beta;
  CHECK(step(0) == Approx(mean).epsilon(1e-6));
  CHECK(step(1) - step(0) == Approx(std::sqrt(variance)).epsilon(1e-6));
}

namespace {

/// A sampler with its default parameters, but a tolerance that suits an exact answer.
std::string tight(std::string_view name) {
  return name == "dpm-adaptive" ? "dpm-adaptive:rtol=1e-5,atol=1e-5" : std::string(name);
}

bool finite(const Tensor& x) {
  return std::all_of(x.begin(), x.end(), [](float value) { return std::isfinite(value); });
}

}  // namespace

TEST_CASE("pure noise and clean data are ordinary grid points", "[sample]") {
  const testing::Gaussian data;
  const Denoiser exact = data.denoiser();
  constexpr double inf = std::numeric_limits<double>::infinity();
  for (const auto& row : samplers())
    for (const Path path : {Path::variance_preserving, Path::straight}) {
      std::vector<NoiseLevel> levels{on_path(path, -inf)};
      for (int i = 0; i <= 200; ++i) levels.push_back(on_path(path, -5 + 10.0 * i / 200));
      levels.push_back(on_path(path, inf));
      const Tensor x = normals({64, 1, 1, 1}, 7);
      const Tensor got = make_sampler(tight(row.name))(
          {.denoise = exact, .x = x, .grid = levels, .path = path, .noise = draws(3)});
      CAPTURE(row.name, int(path));
      CHECK(finite(got));
      if (row.draws == Draws::none)
        CHECK(largest_difference(got, data.flow(x, levels.front(), levels.back())) < 0.05);
    }
}

// A cosine schedule ends at sigma/alpha = 20,000, and the first of 20 steps goes to 15.
TEST_CASE("steps from almost pure noise do no harm", "[sample]") {
  const testing::Gaussian data;
  const Denoiser exact = data.denoiser();
  const Schedule schedule = make_schedule("cosine");
  const auto levels = make_grid("trailing", schedule, 20);
  const Tensor x = normals({64, 1, 1, 1}, 7);
  for (const auto& row : samplers()) {
    const Tensor got =
        make_sampler(row.name)({.denoise = exact, .x = x, .grid = levels, .noise = draws(3)});
    CAPTURE(row.name);
    if (row.draws == Draws::none)
      CHECK(largest_difference(got, data.flow(x, levels.front(), levels.back())) < 0.2);
    else
      CHECK(std::abs(testing::moments(got).mean - data.mean) < 0.4);
  }
}

TEST_CASE("variants work from pure noise to clean data too", "[sample]") {
  const testing::Gaussian data;
  const Denoiser exact = data.denoiser();
  constexpr double inf = std::numeric_limits<double>::infinity();
  for (const char* spec :
       {"edm:time=vp,scaling=vp", "edm:time=ve", "dpmpp-3s:levels=grid", "dpm:levels=grid",
        "unipc:predict=eps", "unipc:basis=vary", "unipc:corrector=off", "ipndm:noise=kept",
        "dpm-2m:long=second", "sa-solver:tau=0", "heun:long=second", "dpm2:long=second"})
    for (const Path path : {Path::variance_preserving, Path::straight}) {
      std::vector<NoiseLevel> levels{on_path(path, -inf)};
      for (int i = 0; i <= 200; ++i) levels.push_back(on_path(path, -5 + 10.0 * i / 200));
      levels.push_back(on_path(path, inf));
      const Tensor x = normals({64, 1, 1, 1}, 7);
      const Tensor got = make_sampler(spec)(
          {.denoise = exact, .x = x, .grid = levels, .path = path, .noise = draws(3)});
      CAPTURE(spec, int(path));
      CHECK(largest_difference(got, data.flow(x, levels.front(), levels.back())) < 0.05);
    }
}

TEST_CASE("coordinates that bend do no harm over long steps", "[sample]") {
  const testing::Gaussian data;
  const Denoiser exact = data.denoiser();
  const auto levels = make_grid("trailing", make_schedule("cosine"), 20);
  const Tensor x = normals({64, 1, 1, 1}, 7);
  for (const char* spec : {"edm:time=vp", "edm:time=vp,scaling=vp"}) {
    const Tensor got = make_sampler(spec)({.denoise = exact, .x = x, .grid = levels});
    CAPTURE(spec);
    CHECK(largest_difference(got, data.flow(x, levels.front(), levels.back())) < 0.4);
  }
}

TEST_CASE("grids of one to three intervals work, from noise to data", "[sample]") {
  const testing::Gaussian data;
  const Denoiser exact = data.denoiser();
  constexpr double inf = std::numeric_limits<double>::infinity();
  for (const auto& row : samplers())
    for (const Path path : paths)
      for (const double start : {-4.0, -inf})
        for (int steps = 1; steps <= 3; ++steps) {
          if (path == Path::variance_exploding && std::isinf(start)) continue;
          std::vector<NoiseLevel> levels{on_path(path, start)};
          for (int i = 1; i < steps; ++i) levels.push_back(on_path(path, -4 + 2 * i));
          levels.push_back(clean_level(path));
          const Tensor x = normals({4, 1, 1, 1}, 1);
          const Tensor got = make_sampler(row.name)(
              {.denoise = exact, .x = x, .grid = levels, .path = path, .noise = draws(4)});
          CAPTURE(row.name, int(path), start, steps);
          CHECK(finite(got));
          const bool one_answer = row.draws == Draws::none || row.calls == "1";
          if (steps == 1 && one_answer && row.name != "sde" && row.name != "midpoint")
            CHECK(largest_difference(got, exact(x, levels[0]).x0) < 1e-5);
        }
}

TEST_CASE("a mistyped sampler or parameter is refused by name", "[sample]") {
  CHECK_THROWS_WITH(make_sampler("ddim:etta=1"), "ddim: no parameter 'etta' (has: eta, variance)");
  CHECK_THROWS_WITH(make_sampler("dimm"), Contains("unknown sampler 'dimm' (have: ddim"));
  CHECK_THROWS_WITH(make_sampler("ddim:eta=2"), "ddim: eta must lie in [0, 1]");
  CHECK_THROWS_WITH(make_sampler("ddim:variance=large"), Contains("needs eta=1"));
}
