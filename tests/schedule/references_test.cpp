// Schedules and grids against numbers that other programs made (tests/data/schedule).
#include <cmath>

#include "lib/schedule/grids/grid.hpp"
#include "lib/schedule/schedule.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

const Json& references() {
  static const Json json = read_json(TEST_DATA_DIR "/schedule/references.json");
  return json;
}

double alpha_bar(const Schedule& schedule, int t) { return std::pow(schedule.at(t).alpha, 2); }

struct Tolerance {
  double beta, product;  // relative
};

void compare(const Json& tables, Tolerance tolerance) {
  const Json& picks = references()["t"];
  for (const auto& [spec, arrays] : tables.items()) {
    const Schedule schedule = make_schedule(spec, 1000);
    REQUIRE(arrays["betas"].size() == picks.size());
    for (std::size_t i = 0; i < picks.size(); ++i) {
      const int t = picks[i];
      CAPTURE(spec, t);
      CHECK(schedule.betas[std::size_t(t - 1)] ==
            Approx(arrays["betas"][i].get<double>()).epsilon(tolerance.beta));
      CHECK(alpha_bar(schedule, t) == Approx(arrays["alphas_cumprod"][i].get<double>())
                                          .epsilon(tolerance.product)
                                          .margin(1e-15));
    }
  }
}

Schedule schedule_of(const Json& row) {
  return make_schedule(row.value("schedule", "linear"), row.value("T", 1000));
}

}  // namespace

TEST_CASE("betas and products agree with peers in double", "[schedule]") {
  compare(references()["double"], {1e-9, 1e-9});
}

// The peer holds float32 betas and float32 running products of up to 1000 factors.
TEST_CASE("betas and products agree with diffusers in float32", "[schedule]") {
  compare(references()["float32"], {1e-6, 5e-5});
}

TEST_CASE("schedules of few steps agree with peers in double", "[schedule]") {
  for (const auto& [spec, table] : references()["short"].items()) {
    const Schedule schedule = make_schedule(spec);
    REQUIRE(schedule.steps() == table["T"].get<int>());
    for (std::size_t i = 0; i < schedule.betas.size(); ++i) {
      CAPTURE(spec, i);
      CHECK(schedule.betas[i] == Approx(table["betas"][i].get<double>()).epsilon(1e-9));
    }
  }
}

TEST_CASE("step grids keep exactly the peers' timesteps", "[schedule]") {
  for (const Json& row : references()["spacings"]) {
    const auto levels = make_grid(row["grid"].get<std::string>(), schedule_of(row), row["n"]);
    CAPTURE(row.dump());
    REQUIRE(levels.size() == row["count"].get<std::size_t>() + 1);
    long sum = 0, weighted = 0;
    for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
      const int step = int(levels[i].timestep) + 1;
      sum += step;
      weighted += long(i + 1) * step;
      if (row.contains("steps")) CHECK(step == row["steps"][i].get<int>());
    }
    CHECK(sum == row["sum"].get<long>());
    CHECK(weighted == row["weighted"].get<long>());
  }
}

// diffusers' are float32, of float32 alpha_bars where they are of a schedule of betas.
TEST_CASE("level grids lie at the peers' sigmas", "[schedule]") {
  for (const Json& row : references()["level_grids"]) {
    const Schedule schedule = schedule_of(row);
    const auto levels = make_grid(row["grid"].get<std::string>(), schedule, row["n"]);
    const bool betas = schedule.path == Path::variance_preserving;
    const double tolerance = row.contains("double") ? 1e-9 : betas ? 5e-5 : 1e-6;
    CAPTURE(row["schedule"], row["grid"], row["n"]);
    REQUIRE(levels.size() == row["ve_sigmas"].size());
    for (std::size_t i = 0; i < levels.size(); ++i) {
      CAPTURE(i);
      CHECK(levels[i].ve_sigma() == Approx(row["ve_sigmas"][i].get<double>()).epsilon(tolerance));
      if (row.contains("timesteps") && i < row["timesteps"].size())
        CHECK(levels[i].timestep ==
              Approx(row["timesteps"][i].get<double>()).epsilon(1e-4).margin(2e-2));
    }
  }
}

TEST_CASE("shifted flows are diffusers'", "[schedule]") {
  for (const Json& row : references()["flow_shifts"]) {
    const Schedule flow = make_schedule("flow:shift=" + row["shift"].dump());
    for (std::size_t i = 0; i < references()["t"].size(); ++i) {
      const NoiseLevel level = flow.at(references()["t"][i]);
      CAPTURE(row["shift"], i);
      CHECK(level.sigma == Approx(row["sigmas"][i].get<double>()).epsilon(1e-6));
      CHECK(level.timestep == Approx(row["timesteps"][i].get<double>()).epsilon(1e-6));
    }
  }
}
