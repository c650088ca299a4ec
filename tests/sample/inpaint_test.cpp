#include "lib/sample/inpaint.hpp"

#include <algorithm>
#include <cmath>

#include "lib/models/mixture.hpp"
#include "lib/sample/generate.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gaussian.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::filled;
using testing::largest_difference;
using testing::normals;

namespace {

/// Two clouds in the plane: what has 0.3 as its first number has almost surely 1 as its
/// second.
const Mixture clouds{
    .weights = {0.5, 0.5}, .means = {{1, 1}, {-1, -1}}, .stds = {0.3, 0.3}, .shape = {1, 1, 2}};
constexpr float known = 0.3f;

/// The share of clouds above, given the first number: weights times densities there.
double share_above() {
  double above = 0, all = 0;
  for (std::size_t k = 0; k < 2; ++k) {
    const double off = (known - clouds.means[k][0]) / clouds.stds[k];
    const double share = clouds.weights[k] * std::exp(-off * off / 2);
    all += share;
    if (clouds.means[k][1] > 0) above += share;
  }
  return above / all;
}

struct Painted {
  std::uint32_t resample = 1, jump = 1;
  Path path = Path::variance_preserving;
  std::string sampler = "ddim:eta=1";
  std::size_t count = 1000, batch = 1000;
};

/// Second numbers of samples whose first is known.
Tensor painted(const Painted& how) {
  const Schedule schedule = make_schedule(how.path == Path::straight             ? "flow"
                                          : how.path == Path::variance_exploding ? "karras"
                                                                                 : "cosine",
                                          200);
  const auto grid = make_grid("trailing", schedule, 40);
  Tensor image(Shape{1, 1, 1, 2}), mask(Shape{1, 1, 1, 2});
  image.data()[0] = known, image.data()[1] = 5;  // the 5 must not be looked at
  mask.data()[0] = 0, mask.data()[1] = 1;
  const Inpainting job{image, mask, how.resample, how.jump};
  const Sampler sampler = inpainted(make_sampler(how.sampler), job);
  const DenoiserOf exact = [](std::size_t, std::size_t) -> Denoiser {
    return [](const Tensor& x, const NoiseLevel& at) { return clouds.denoise(x, at, {}); };
  };
  Tensor all(Shape{how.count, 1, 1, 2});
  generate({.shape = {1, 1, 2}, .count = how.count, .batch = how.batch},
           {exact, sampler, grid, schedule.path, NoiseSource(1, "test")}, {},
           [&](std::size_t offset, const Tensor& x) {
             std::copy(x.begin(), x.end(), all.begin() + std::ptrdiff_t(offset * 2));
           });
  return all;
}

/// How far the share above is from what it should be.
double error_of(const Painted& how) {
  const Tensor samples = painted(how);
  std::size_t above = 0;
  for (std::size_t n = 0; n < how.count; ++n) above += samples.data()[2 * n + 1] > 0;
  return std::abs(double(above) / double(how.count) - share_above());
}

}  // namespace

TEST_CASE("what is kept of an image is exact, whatever the sampler", "[sample]") {
  for (const SamplerInfo& row : samplers()) {
    if (row.steps == Steps::linked) continue;
    const Tensor samples = painted({.resample = 2, .sampler = std::string(row.name), .count = 5});
    CAPTURE(row.name);
    for (std::size_t n = 0; n < 5; ++n) {
      CHECK(samples.data()[2 * n] == known);
      CHECK(std::abs(samples.data()[2 * n + 1]) < 3);
    }
  }
}

TEST_CASE("painting again makes the new part suit what is kept", "[sample]") {
  const Path path = GENERATE(Path::variance_preserving, Path::variance_exploding, Path::straight);
  const double once = error_of({.path = path}), often = error_of({.resample = 10, .path = path}),
               far = error_of({.resample = 10, .jump = 4, .path = path});
  CAPTURE(int(path), once, often, far, share_above());
  CHECK(once > 0.15);
  CHECK(often < 0.5 * once);
  CHECK(far < 0.5 * once);
}

// A jump back that brought too little noise would narrow it.
TEST_CASE("what is painted again is as wide as its cloud", "[sample]") {
  const Tensor samples =
      painted({.resample = 10, .jump = 4, .sampler = "ddim:eta=1,variance=large"});
  std::vector<double> off;
  for (std::size_t i = 1; i < samples.size(); i += 2)
    if (samples.data()[i] > 0) off.push_back(samples.data()[i] - 1);
  double sum = 0, squares = 0;
  for (const double each : off) sum += each, squares += each * each;
  const double mean = sum / double(off.size());
  CHECK(std::abs(mean) < 0.05);
  CHECK(std::sqrt(squares / double(off.size()) - mean * mean) == Approx(0.3).epsilon(0.1));
}

TEST_CASE("no noise is used twice on the way", "[sample]") {
  const auto spec = GENERATE(as<std::string>(), "ddim:eta=1", "predictor-corrector:corrections=2");
  const Denoiser exact = [](const Tensor& x, const NoiseLevel& at) {
    return clouds.denoise(x, at, {});
  };
  std::vector<std::uint32_t> asked;
  const NoiseDraw noise = [&](const Shape& shape, std::uint32_t draw) {
    asked.push_back(draw);
    return normals(shape, 1, draw);
  };
  std::vector<NoiseLevel> grid;
  for (int i = 0; i <= 5; ++i) grid.push_back(on_path(Path::straight, -2 + 0.6 * i));
  const Tensor one = filled({1, 1, 1, 2}, 0);
  const Inpainting job{one, one, 3, 2};
  inpainted(make_sampler(spec), job)(
      {.denoise = exact, .x = one, .grid = grid, .path = Path::straight, .noise = noise});
  CHECK(asked.size() > 20);
  std::ranges::sort(asked);
  CHECK(std::ranges::adjacent_find(asked) == asked.end());
  CHECK(asked.front() == 1);  // 0 is the start's
}

TEST_CASE("painted samples do not depend on their batch", "[sample]") {
  const auto drawn = [](std::size_t batch) {
    return painted({.resample = 3, .jump = 2, .sampler = "dpmpp-sde", .count = 7, .batch = batch});
  };
  CHECK(largest_difference(drawn(7), drawn(2)) == 0);
}

TEST_CASE("walks jump back where the paper's do", "[sample]") {
  const auto walk = [](std::uint32_t intervals, std::uint32_t resample, std::uint32_t jump) {
    return inpainting_walk(intervals,
                           {.images = {}, .mask = {}, .resample = resample, .jump = jump});
  };
  using List = std::vector<std::uint32_t>;
  CHECK(walk(3, 1, 1) == List{0, 1, 2, 3});
  CHECK(walk(3, 3, 1) == List{0, 1, 0, 1, 0, 1, 2, 1, 2, 1, 2, 3});
  // get_schedule_jump(t_T=5, n_sample=1, jump_length=2, jump_n_sample=2) of the paper's code
  // counts what is left: 4 3 2 3 4 3 2 1 0 1 2 1 0 -1.
  CHECK(walk(5, 2, 2) == List{0, 1, 2, 0, 1, 2, 3, 4, 2, 3, 4, 5});
  CHECK(walk(2, 9, 2) == List{0, 1, 2});
}

TEST_CASE("steps that stand for themselves make up the walk, linked ones do not", "[sample]") {
  const Denoiser exact = [](const Tensor& x, const NoiseLevel& at) {
    return clouds.denoise(x, at, {});
  };
  const NoiseDraw same = [](const Shape& shape, std::uint32_t) { return normals(shape, 4); };
  std::vector<NoiseLevel> grid;
  for (int i = 0; i <= 6; ++i) grid.push_back(on_path(Path::straight, -2 + 0.6 * i));
  for (const SamplerInfo& row : samplers()) {
    std::string spec(row.name);
    if (spec == "euler" || spec == "heun" || spec == "dpm2") spec += ":churn=1.5";
    const Sampler sampler = make_sampler(spec);
    const Tensor start = normals({4, 1, 1, 2}, 3);
    const Tensor whole = sampler(
        {.denoise = exact, .x = start, .grid = grid, .path = Path::straight, .noise = same});
    Tensor x = start;
    for (std::size_t i = 0; i + 1 < grid.size(); ++i)
      x = sampler({.denoise = exact,
                   .x = std::move(x),
                   .grid = std::span(grid).subspan(i, 2),
                   .path = Path::straight,
                   .noise = same,
                   .intervals = grid.size() - 1});
    CAPTURE(row.name);
    CHECK((largest_difference(whole, x) == 0) == (row.steps != Steps::linked));
  }
}

TEST_CASE("an inpainting is planned for the sampler and the walk", "[sample]") {
  const Tensor one = filled({1, 1, 1, 2}, 1);
  const auto planned = [&](std::size_t steps, const Repainting& asked) {
    const Inpainting job = inpainting_of(one, one, "ddim", steps, asked);
    return std::pair(job.resample, job.jump);
  };
  using Pair = std::pair<std::uint32_t, std::uint32_t>;
  CHECK(planned(50, {}) == Pair{10, 10});
  CHECK(planned(20, {}) == Pair{10, 4});  // a fifth of the walk
  CHECK(planned(3, {}) == Pair{10, 1});
  CHECK(planned(20, {.resample = 3, .jump = 19}) == Pair{3, 19});
  CHECK_THROWS_WITH(planned(20, {.jump = 20}),
                    "`jump` 20: must be shorter than the walk of 20 steps");
  for (const SamplerInfo& row : samplers()) {
    CAPTURE(row.name);
    if (row.steps == Steps::linked)
      CHECK_THROWS_WITH(inpainting_of(one, one, std::string(row.name), 20),
                        Contains("`mask`: walks step by step, which"));
    else
      CHECK_NOTHROW(inpainting_of(one, one, std::string(row.name), 20));
  }
}
