// What a recording holds of samples that travel together, and of those that go alone.
#include "lib/sample/trajectory.hpp"

#include <cmath>

#include "lib/schedule/grids/grid.hpp"
#include "lib/tensor/formats/npz.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gaussian.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;

namespace {

/// Samples first, first + 1, ... of one seed, recorded.
NpzFile recorded(const std::string& spec, std::uint64_t first, std::size_t count) {
  const test::Scratch scratch;
  const Schedule schedule = make_schedule("cosine", 100);
  const auto grid = make_grid("trailing", schedule, 10);
  const DenoiserOf exact = [](std::size_t, std::size_t) { return testing::Gaussian{}.denoiser(); };
  const Sampler sampler = make_sampler(spec);
  const Pace pace = sampler_row(spec).pace;
  const NoiseSource noise(5, "diff-sample");
  const GenerateRequest request{.shape = {1, 2, 1},
                                .first = first,
                                .count = count,
                                .batch = pace == Pace::state ? std::size_t(1) : std::size_t(2)};
  Trajectory way(request, pace);
  generate(request, {exact, sampler, grid, schedule.path, noise, &schedule}, way.watch(),
           [](std::size_t, const Tensor&) {});
  way.write(scratch / "way.npz");
  return NpzFile(read_file(scratch / "way.npz"), "way.npz");
}

}  // namespace

TEST_CASE("samples that go alone are recorded each for itself", "[sample]") {
  const auto spec = GENERATE(as<std::string>(), "ode:rtol=1e-3,atol=1e-3", "dpm-adaptive:order=2");
  const NpzFile all = recorded(spec, 0, 3);
  const Tensor alpha = all.read("alpha").to_tensor(), x0 = all.read("x0").to_tensor(),
               x_in = all.read("x_in").to_tensor(), counts = all.read("evaluations").to_tensor();
  REQUIRE(alpha.dimension() == 2);
  REQUIRE(counts.size() == 3);
  std::size_t most = 0;
  for (std::size_t n = 0; n < 3; ++n) {
    const NpzFile one = recorded(spec, n, 1);
    const Tensor own_alpha = one.read("alpha").to_tensor(), own_x0 = one.read("x0").to_tensor(),
                 own_x = one.read("x_in").to_tensor();
    const auto count = std::size_t(counts(n));
    most = std::max(most, count);
    CAPTURE(spec, n);
    REQUIRE(own_alpha.size() == count);
    CHECK_FALSE(one.has("evaluations"));
    for (std::size_t e = 0; e < count; ++e) {
      CHECK(alpha(e, n) == own_alpha(e));
      for (std::size_t i = 0; i < 2; ++i) {
        CHECK(x0(e, n, 0, i, 0) == own_x0(e, 0, 0, i, 0));
        CHECK(x_in(e, n, 0, i, 0) == own_x(e, 0, 0, i, 0));
      }
    }
    for (std::size_t e = count; e < alpha.shape(0); ++e) {
      CHECK(std::isnan(alpha(e, n)));
      CHECK(std::isnan(x0(e, n, 0, 0, 0)));
    }
    const Tensor states = all.read("x").to_tensor(), own_states = one.read("x").to_tensor();
    REQUIRE(states.shape(0) == 11);
    for (std::size_t level = 0; level < 11; ++level)
      CHECK(states(level, n, 0, 1, 0) == own_states(level, 0, 0, 1, 0));
  }
  CHECK(alpha.shape(0) == most);
}

TEST_CASE("samples that travel together share their levels", "[sample]") {
  const NpzFile way = recorded("heun", 0, 3);
  CHECK(way.read("alpha").to_tensor().dimension() == 1);
  CHECK_FALSE(way.has("evaluations"));
  const Tensor x = way.read("x").to_tensor();
  for (const float value : x) CHECK(std::isfinite(value));
}
