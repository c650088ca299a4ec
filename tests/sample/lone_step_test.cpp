// Steps taken one at a time make the walk that the sampler makes.
#include "lib/sample/lone_step.hpp"

#include <utility>
#include <vector>

#include "lib/noise/prediction.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gaussian.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::largest_difference;
using testing::normals;

namespace {

const NoiseDraw noise = [](const Shape& shape, std::uint32_t draw) {
  return normals(shape, 5, draw);
};

struct Walked {
  Tensor x;
  std::size_t evaluations;
};

Walked walked(const std::string& spec, Path path, std::span<const NoiseLevel> grid,
              const Tensor& x) {
  std::size_t evaluations = 0;
  const Denoiser exact = testing::Gaussian{}.denoiser();
  const Denoiser counted = [&](const Tensor& x_t, const NoiseLevel& at) {
    ++evaluations;
    return exact(x_t, at);
  };
  Tensor end =
      make_sampler(spec)({.denoise = counted, .x = x, .grid = grid, .path = path, .noise = noise});
  return {std::move(end), evaluations};
}

Tensor step_by_step(const std::string& spec, Path path, std::span<const NoiseLevel> grid,
                    Tensor x) {
  const Denoiser exact = testing::Gaussian{}.denoiser();
  for (std::uint32_t i = 1; i < grid.size(); ++i) {
    const Denoised estimate = exact(x, grid[i - 1]);
    x = lone_step(spec, {.x = x,
                         .from = grid[i - 1],
                         .to = grid[i],
                         .path = path,
                         .estimate = estimate,
                         .index = i,
                         .noise = noise});
  }
  return x;
}

const auto schedules_by_path = {"cosine", "ve", "flow"};

}  // namespace

TEST_CASE("lone steps are the sampler's own", "[sample]") {
  const Tensor x = normals({4, 1, 1, 2}, 3);
  for (const char* spec : {"ddim", "ddim:eta=1", "ddim:eta=1,variance=large", "euler",
                           "euler-ancestral:s_noise=0.9", "sde", "lcm", "tcd"})
    for (const char* family : schedules_by_path) {
      const Schedule schedule = make_schedule(family);
      const auto grid = make_grid("trailing", schedule, 6);
      CAPTURE(spec, family);
      CHECK(largest_difference(step_by_step(spec, schedule.path, grid, x),
                               walked(spec, schedule.path, grid, x).x) == 0);
    }
}

// A row that claims too much would give other samples; one that claims too little would
// be refused without need.
TEST_CASE("the registry says which samplers take lone steps", "[sample]") {
  const Schedule schedule = make_schedule("cosine");
  const auto grid = make_grid("trailing", schedule, 6);
  const Tensor x = normals({4, 1, 1, 2}, 3);
  for (const SamplerInfo& row : samplers()) {
    CAPTURE(row.name);
    const std::string spec(row.name);
    const Walked whole = walked(spec, schedule.path, grid, x);
    if (row.steps == Steps::alone) {
      CHECK(whole.evaluations == grid.size() - 1);
      CHECK(largest_difference(step_by_step(spec, schedule.path, grid, x), whole.x) == 0);
      continue;
    }
    CHECK_THROWS_WITH(step_by_step(spec, schedule.path, grid, x),
                      Contains("ddim, euler, euler-ancestral, sde, lcm, tcd can be taken alone"));
    if (whole.evaluations != grid.size() - 1) continue;
    Tensor apart = x;  // without what it remembers
    for (std::size_t i = 0; i + 1 < grid.size(); ++i)
      apart = walked(spec, schedule.path, std::span(grid).subspan(i, 2), apart).x;
    CHECK(largest_difference(apart, whole.x) > 1e-4);
  }
}

TEST_CASE("an estimate is used where it was made", "[sample]") {
  const Schedule schedule = make_schedule("cosine");
  const Tensor x = normals({1, 1, 1, 2}, 3);
  const Denoised estimate = testing::Gaussian{}.denoiser()(x, schedule.at(500));
  CHECK_THROWS_WITH(lone_step("euler:churn=1", {.x = x,
                                                .from = schedule.at(500),
                                                .to = schedule.at(400),
                                                .path = schedule.path,
                                                .estimate = estimate,
                                                .index = 1,
                                                .noise = noise}),
                    Contains("without churn"));
}

TEST_CASE("what a network says may hold a variance", "[noise]") {
  const NoiseLevel at = on_path(Path::variance_preserving, 0.3);
  const Tensor x = normals({2, 1, 1, 2}, 1), plain = normals({2, 1, 1, 2}, 2);
  Tensor said(Shape{2, 1, 1, 4});
  for (std::size_t n = 0; n < 2; ++n)
    for (std::size_t c = 0; c < 2; ++c) {
      said(n, 0, 0, c) = plain(n, 0, 0, c);
      said(n, 0, 0, 2 + c) = float(n) - 0.5f;
    }
  const Denoised denoised = denoised_from_said(Prediction::v, said, x, at);
  CHECK(largest_difference(denoised.x0, denoised_from(Prediction::v, plain, x, at).x0) == 0);
  REQUIRE(denoised.variance_share.has_value());
  CHECK((*denoised.variance_share)(0, 0, 0, 1) == Approx(0.25));
  CHECK((*denoised.variance_share)(1, 0, 0, 0) == Approx(0.75));
  CHECK_FALSE(denoised_from_said(Prediction::v, plain, x, at).variance_share.has_value());
}
