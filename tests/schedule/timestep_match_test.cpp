#include "lib/schedule/exchange/timestep_match.hpp"

#include <cmath>

#include "lib/schedule/grids/grid.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "lib/schedule/transform.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

TEST_CASE("tables made from one another mean the same by a timestep", "[schedule]") {
  for (const ScheduleInfo& row : schedules()) {
    const Schedule learnt = make_schedule(row.name);
    CAPTURE(row.name);
    CHECK_FALSE(timestep_mismatch(learnt, learnt));
    for (const std::string grid : {"trailing", "leading", "karras", "lambda"}) {
      Schedule finite = learnt;
      if (std::isinf(finite.levels.back().lambda)) finite.levels.pop_back();
      CAPTURE(grid);
      CHECK_FALSE(timestep_mismatch(learnt, respaced(finite, make_grid(grid, finite, 20))));
    }
  }
}

TEST_CASE("a table that was rounded still means the same", "[schedule]") {
  const Schedule learnt = make_schedule("linear");
  std::vector<double> betas;
  for (const double beta : learnt.betas) betas.push_back(double(float(beta)));
  CHECK_FALSE(timestep_mismatch(learnt, from_betas(betas)));
}

TEST_CASE("other tables mean something else by a timestep, and where most", "[schedule]") {
  const Schedule linear = make_schedule("linear");
  const auto found = timestep_mismatch(linear, make_schedule("cosine"));
  REQUIRE(found);
  REQUIRE(found->learnt);
  CHECK(found->level.timestep == 999);
  CHECK(*found->learnt == Approx(linear.levels.back().lambda));
  CHECK(timestep_mismatch(linear, make_schedule("linear:beta_end=0.021")));
  CHECK(timestep_mismatch(linear, with_zero_terminal_snr(linear)));
  const auto beyond = timestep_mismatch(make_schedule("linear", 500), linear);
  REQUIRE(beyond);
  CHECK_FALSE(beyond->learnt);
}

TEST_CASE("timesteps of the straight path are tau in every table", "[schedule]") {
  CHECK_FALSE(timestep_mismatch(make_schedule("flow"), make_schedule("flow:shift=3")));
  CHECK_FALSE(timestep_mismatch(make_schedule("flow", 10), make_schedule("flow")));
}

TEST_CASE("a schedule as a grid is visited with the timesteps of the one in use", "[schedule]") {
  const Schedule learnt = make_schedule("linear"), other = make_schedule("cosine", 20);
  const auto grid = load_grid(schedule_to_json(other).dump(), learnt, 0);
  REQUIRE(grid.size() == 21);
  for (std::size_t i = 0; i < 20; ++i) {
    CHECK(grid[i].lambda == Approx(other.levels[19 - i].lambda).epsilon(1e-12));
    CHECK(grid[i].timestep == Approx(learnt.at_lambda(grid[i].lambda).timestep));
  }
  const Schedule own = respaced(learnt, make_grid("trailing", learnt, 20));
  const auto same = load_grid(schedule_to_json(own).dump(), learnt, 0);
  for (std::size_t i = 0; i < 20; ++i) CHECK(same[i].timestep == 999 - 50.0 * double(i));
}
