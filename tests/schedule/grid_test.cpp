// What holds for every grid; single grids against their formulas.
#include "lib/schedule/grids/grid.hpp"

#include <cmath>

#include "lib/base/text.hpp"
#include "lib/schedule/grids/beta_distribution.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

std::vector<double> timesteps(const std::vector<NoiseLevel>& levels) {
  std::vector<double> values;
  for (const NoiseLevel& level : levels)
    if (!level.clean()) values.push_back(level.timestep);
  return values;
}

std::vector<double> timesteps(const std::string& grid, const Schedule& schedule, int count = 0) {
  return timesteps(load_grid(grid, schedule, count));
}

}  // namespace

TEST_CASE("every grid falls from noise to clean data", "[schedule]") {
  for (const char* family : {"cosine", "ve", "flow"})
    for (const auto& row : grids())
      for (const int intervals : {1, 2, 5, 100}) {
        const Schedule schedule = make_schedule(family, 100);
        CAPTURE(family, row.name, intervals);
        // A straight path ends in pure noise, which has no place on a grid of lambdas.
        if (schedule.levels.back().pure_noise() && row.ends == Ends::finite) {
          CHECK_THROWS_WITH(make_grid(row.name, schedule, intervals), Contains("trailing"));
          continue;
        }
        const auto levels = make_grid(row.name, schedule, intervals);
        CHECK(levels.back().clean());
        CHECK(int(levels.size()) <= intervals + 1);
        if (row.name != "quadratic") CHECK(int(levels.size()) == intervals + 1);
        for (std::size_t i = 1; i < levels.size(); ++i)
          CHECK(levels[i].lambda > levels[i - 1].lambda);
        // The other end is one that most of them have reached.
        const auto noisy_end =
            make_grid(std::string(row.name) + ":final=sigma_min", schedule, intervals);
        CHECK(noisy_end.back().lambda >= schedule.at(1).lambda);
        CHECK_FALSE(noisy_end.back().clean());
      }
}

TEST_CASE("every grid tells parameters that it takes", "[schedule]") {
  const Schedule schedule = make_schedule("linear", 10);
  for (const GridInfo& row : grids()) {
    std::string spec(row.name);
    for (const Parameter& each : grid_parameters(row)) {
      if (!each.usual) continue;
      const auto* const word = std::get_if<std::string>(&*each.usual);
      if (word && word->starts_with('(')) continue;  // what holds without it, in words
      const auto* const number = std::get_if<double>(&*each.usual);
      spec += (spec == row.name ? ":" : ",") + each.key + "=" +
              (word     ? *word
               : number ? shortest(*number)
                        : std::to_string(std::get<std::int64_t>(*each.usual)));
    }
    CAPTURE(spec);
    CHECK(timesteps(spec, schedule, 5) == timesteps(std::string(row.name), schedule, 5));
  }
}

TEST_CASE("every grid of every family makes a schedule", "[schedule]") {
  for (const auto& family : schedules())
    for (const auto& row : grids()) {
      const Schedule schedule = make_schedule(family.name, 200);
      if (schedule.levels.back().pure_noise() && row.ends == Ends::finite) continue;
      const Schedule made = respaced(schedule, make_grid(row.name, schedule, 20));
      CAPTURE(family.name, row.name);
      const Schedule back = schedule_from_json(schedule_to_json(made), "s.json");
      REQUIRE(back.steps() == made.steps());
      CHECK(back.at(1).lambda == Approx(made.at(1).lambda).epsilon(1e-9));
      CHECK(back.levels.back().timestep == made.levels.back().timestep);
    }
}

TEST_CASE("grids refuse what they cannot do", "[schedule]") {
  const Schedule ten = make_schedule("cosine", 10);
  const auto refused = [&](const std::string& spec, int count, const char* why) {
    CAPTURE(spec);
    CHECK_THROWS_WITH(load_grid(spec, ten, count), Contains(why));
  };
  refused("trailing", 11, "only 10");
  refused("trialing", 5, "have: trailing");
  refused("karras:roh=3", 5, "no parameter 'roh'");
  refused("karras:range=all", 5, "full, trailing, leading");
  refused("ddim5", 4, "has 5 steps, not 4");
  refused("ddim7", 0, "(5 and 10 are the nearest)");
  refused("ddim0", 0, "at least 1");
  refused("6,5", 0, "section 1 has 5 steps, not 6");
  refused("5,6", 0, "section 2 has 5 steps, not 6");
  refused("5,5", 9, "has 10 steps, not 9");
  refused("5,0", 0, "whole numbers above 0");
  refused("99999999999999999999", 0, "must add up to 1..1000000");
  refused("sections:counts=nan", 0, "must add up to");
  refused("ddim1000001", 0, "a grid has 1..1000000 steps");
  refused("trailing", -1, "got -1");
  refused("[5, 6]", 0, "steps must fall");
  refused("[5, 4]", 3, "has 2 steps, not 3");
  refused("[11]", 0, "not a step of the schedule (1..10)");
  refused("[", 0, "not valid JSON");
  refused(R"({"ve_sigma": [1, 2]})", 0, "must fall");
  refused(R"({"ve_sigma": [0]})", 0, "not clean");
  refused(R"({"ve_sigma": []})", 0, "a grid is a JSON array");
  refused("beta:alpha=0", 5, "alpha must be positive");
  refused("vp:eps_s=1", 5, "eps_s must lie");
}

TEST_CASE("grids that count themselves", "[schedule]") {
  const Schedule schedule = make_schedule("linear", 12);
  CHECK(timesteps("ddim3", schedule) == std::vector<double>{8, 4, 0});
  CHECK(timesteps("ddim", schedule, 3) == timesteps("ddim3", schedule));
  CHECK(timesteps("2,3,4", schedule) == std::vector<double>{11, 10, 9, 8, 7, 6, 4, 3, 0});
  CHECK(timesteps("sections:counts=2:3:4", schedule) == timesteps("2,3,4", schedule));
  CHECK(timesteps("[12, 5, 1]", schedule, 3) == std::vector<double>{11, 4, 0});
  CHECK(timesteps(R"({"t": [12, 5, 1]})", schedule) == std::vector<double>{11, 4, 0});
  CHECK(timesteps("trailing", schedule).size() == 12);
  const auto listed = load_grid(R"({"ve_sigma": [0.1, 0.05, 0]})", schedule, 0);
  REQUIRE(listed.size() == 3);
  CHECK(listed[0].ve_sigma() == Approx(0.1).epsilon(1e-14));
  CHECK(listed.back().clean());
  for (const char* own : {"ddim3", "2,3", "sections:counts=4", "[3]", "{}", "a/b", "x.json", "-"})
    CHECK(grid_has_own_count(own));
  for (const char* left_open : {"ddim", "sections", "trailing", "karras:rho=3"})
    CHECK_FALSE(grid_has_own_count(left_open));
}

TEST_CASE("a Karras grid is Eq. 5 on sigma/alpha", "[schedule]") {
  const Schedule schedule = make_schedule("linear", 1000);
  const auto levels = make_grid("karras:rho=7", schedule, 10);
  const double max = schedule.at(1000).ve_sigma(), min = schedule.at(1).ve_sigma();
  for (int i = 0; i < 10; ++i) {
    const double want = std::pow(
        std::pow(max, 1 / 7.0) + i / 9.0 * (std::pow(min, 1 / 7.0) - std::pow(max, 1 / 7.0)), 7);
    CHECK(levels[std::size_t(i)].ve_sigma() == Approx(want).epsilon(1e-12));
  }
}

TEST_CASE("round=1 hands the network whole timesteps and moves no level", "[schedule]") {
  const Schedule schedule = make_schedule("linear", 1000);
  const auto exact = make_grid("karras", schedule, 10),
             rounded = make_grid("karras:round=1", schedule, 10),
             down = make_grid("karras:round=down", schedule, 10);
  for (std::size_t i = 0; i < exact.size(); ++i) {
    CHECK(rounded[i].lambda == exact[i].lambda);
    CHECK(rounded[i].timestep == std::nearbyint(exact[i].timestep));
    CHECK(down[i].timestep == std::floor(exact[i].timestep));
  }
  CHECK(exact[3].timestep != rounded[3].timestep);
}

TEST_CASE("grids are those that schedulers of diffusers visit", "[schedule]") {
  for (const Json& each : read_json(TEST_DATA_DIR "/schedule/grids.json")) {
    const Schedule schedule = make_schedule(each["schedule"].get<std::string>());
    const auto grid = make_grid(each["grid"].get<std::string>(), schedule, each["steps"]);
    CAPTURE(each["grid"], each["steps"]);
    REQUIRE(grid.size() == each["timesteps"].size() + 1);
    for (std::size_t i = 0; i + 1 < grid.size(); ++i) {
      CHECK(grid[i].timestep == Approx(each["timesteps"][i].get<double>()).epsilon(1e-6));
      if (each.contains("tau"))
        CHECK(grid[i].sigma == Approx(each["tau"][i].get<double>()).epsilon(1e-6));
      if (each.contains("ve_sigma"))
        CHECK(grid[i].ve_sigma() == Approx(each["ve_sigma"][i].get<double>()).epsilon(1e-6));
    }
  }
}

TEST_CASE("steps_offset past the end says so", "[schedule]") {
  const Schedule schedule = make_schedule("linear", 1000);
  CHECK_THROWS_WITH(make_grid("leading:steps_offset=2", schedule, 1000),
                    "leading: steps_offset 2 leads to step 1002 of 1000");
  CHECK(make_grid("leading:steps_offset=1", schedule, 50).front().timestep == 981);
}

TEST_CASE("a list of levels may be of tau or sigma, begin at infinity, end with noise",
          "[schedule]") {
  const Schedule flow = make_schedule("flow"), vp = make_schedule("cosine");
  const auto taus = load_grid(R"({"tau": [1, 0.75, 0.5]})", flow, 0);
  REQUIRE(taus.size() == 4);
  CHECK(taus[0].pure_noise());
  CHECK(taus[1].sigma == Approx(0.75));
  CHECK(taus[1].timestep == Approx(750));
  CHECK(taus.back().clean());
  const auto sigmas = load_grid(R"({"sigma": [0.8, 0.6], "final": "sigma_min"})", vp, 0);
  REQUIRE(sigmas.size() == 2);
  CHECK(sigmas[0].ve_sigma() == Approx(0.8 / 0.6));
  CHECK(sigmas[1].sigma == Approx(0.6));
  const auto endless = load_grid(R"({"ve_sigma": ["Infinity", 10, 1]})", vp, 0);
  CHECK(endless[0].pure_noise());
  CHECK(endless[1].ve_sigma() == Approx(10));
  CHECK_THROWS_WITH(load_grid(R"({"ve_sigma": ["Infinity", 1]})", make_schedule("ve"), 0),
                    Contains("is not a level of the path ve"));
  CHECK_THROWS_WITH(load_grid(R"({"tau": [2, 1]})", flow, 0), Contains("tau 2 is not a level"));
  CHECK_THROWS_WITH(load_grid(R"({"tau": [0.5, 0.6]})", flow, 0), Contains("must fall"));
  CHECK_THROWS_WITH(load_grid(R"({"t": [5], "final": "sigma_min"})", vp, 0),
                    Contains("needs two levels"));
  CHECK_THROWS_WITH(load_grid(R"({"t": [5], "final": 3})", vp, 0), Contains("final is 3"));
}

TEST_CASE("quantiles of the beta distribution", "[schedule]") {
  for (const double p : {1e-9, 0.01, 0.3, 0.5, 0.9, 0.999}) {
    CAPTURE(p);
    CHECK(beta_quantile(p, 1, 1) == Approx(p).epsilon(1e-13));             // uniform
    CHECK(beta_quantile(p, 3, 1) == Approx(std::cbrt(p)).epsilon(1e-13));  // x^3
    CHECK(beta_quantile(p, 0.5, 0.5) ==                                    // arcsine
          Approx(std::pow(std::sin(std::acos(-1) / 2 * p), 2)).epsilon(1e-12));
    for (const double a : {0.2, 0.6, 4.0, 50.0})
      CHECK(beta_cdf(beta_quantile(p, a, 0.6), a, 0.6) == Approx(p).epsilon(1e-11));
  }
  CHECK(beta_quantile(0, 0.6, 0.6) == 0);
  CHECK(beta_quantile(1, 0.6, 0.6) == 1);
}

TEST_CASE("the beta grid over t lays its quantiles over the steps", "[schedule]") {
  const Schedule schedule = make_schedule("linear", 1001);
  const auto steps = timesteps("beta:over=t,alpha=1,beta=1", schedule, 11);
  for (int i = 0; i < 11; ++i) CHECK(steps[std::size_t(i)] == 1000 - 100 * i);
  CHECK(timesteps("beta:over=t", schedule, 5)[1] > 750);  // dense at the ends
}

TEST_CASE("a grid knows the parameters that it may do without", "[schedule]") {
  const auto keys_of = [](const std::string& name) {
    std::vector<std::string> keys;
    for (const Parameter& each : grid_parameters(find_row(grids(), name, "grid")))
      keys.push_back(each.key);
    return join(keys, " ");
  };
  CHECK(keys_of("trailing") == "final");
  CHECK(keys_of("ddim") == "n final");
  CHECK(keys_of("sections") == "counts final");
  CHECK(keys_of("karras") == "over range sigma_max sigma_min rho round final");
}
