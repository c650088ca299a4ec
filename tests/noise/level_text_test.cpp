#include "lib/noise/level_text.hpp"

#include <cmath>

#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

using Steps = std::vector<std::int64_t>;

Steps steps(const std::string& list) { return parse_steps("--at", list, 10); }

std::vector<LevelAsked> levels(LevelUnit unit, const std::string& list,
                               const std::string& schedule = "cosine") {
  return parse_levels("--levels", unit, list, make_schedule(schedule));
}

}  // namespace

TEST_CASE("lists of steps", "[noise]") {
  CHECK(steps("7,0,3") == Steps{7, 0, 3});
  CHECK(steps("2:4") == Steps{2, 3, 4});
  CHECK(steps("0:9:4,10") == Steps{0, 4, 8, 10});
  CHECK(steps("10:10") == Steps{10});
  CHECK(steps("all") == Steps{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(steps("0,all").size() == 11);
}

TEST_CASE("steps that are not: each refused with what would be right", "[noise]") {
  const std::string form = ": needs steps, such as 500 or 100,500,900 or 100:1000:100, or all";
  CHECK_THROWS_WITH(steps("x"), "--at x" + form);
  CHECK_THROWS_WITH(steps("1:"), "--at 1:" + form);
  CHECK_THROWS_WITH(steps("1,,2"), "--at 1,,2" + form);
  CHECK_THROWS_WITH(steps("1.5"), "--at 1.5" + form);
  CHECK_THROWS_WITH(steps("99999999999999999999"), "--at 99999999999999999999" + form);
  CHECK_THROWS_WITH(steps("1,11"), "--at 11: the schedule has steps 1..10 (0 is clean)");
  CHECK_THROWS_WITH(steps("-1"), "--at -1: the schedule has steps 1..10 (0 is clean)");
  CHECK_THROWS_WITH(steps("1:2:3:4"), "--at 1:2:3:4: a range is FROM:TO or FROM:TO:STRIDE");
  CHECK_THROWS_WITH(steps("5:1"), "--at 5:1: a range runs upwards: FROM:TO:STRIDE");
  CHECK_THROWS_WITH(steps("1:5:0"), "--at 1:5:0: a range runs upwards: FROM:TO:STRIDE");
  CHECK_THROWS_WITH(steps("3,1:5:2"), "--at: step 3 twice");
}

TEST_CASE("a range's last step does not wrap", "[noise]") {
  const std::int64_t most = INT64_MAX;
  CHECK(parse_steps("-t", std::to_string(most - 1) + ":" + std::to_string(most) + ":3", most) ==
        Steps{most - 1});
}

TEST_CASE("levels by number are on the schedule's path", "[noise]") {
  const auto snr = levels(LevelUnit::snr, "4,0.25");
  REQUIRE(snr.size() == 2);
  CHECK(snr[0].level.snr() == Approx(4));
  CHECK(snr[0].level.alpha == Approx(std::sqrt(0.8)));
  CHECK(snr[0].name == "snr4");
  CHECK_FALSE(snr[0].t);
  CHECK(snr[1].level.ve_sigma() == Approx(2));
  CHECK(levels(LevelUnit::ve_sigma, "2", "ve")[0].level.sigma == Approx(2));
  CHECK(levels(LevelUnit::lambda, "-1.5")[0].level.lambda == -1.5);
  CHECK(levels(LevelUnit::snr, "inf")[0].level.clean());
  // The same level, however it was asked for: one address of noise.
  CHECK(levels(LevelUnit::snr, "0.25")[0].noise_step() ==
        levels(LevelUnit::ve_sigma, "2")[0].noise_step());
}

TEST_CASE("numbers that name no level are refused", "[noise]") {
  CHECK_THROWS_WITH(levels(LevelUnit::snr, "1,x"),
                    "--levels x: needs numbers from 0, such as 10,1,0.1");
  CHECK_THROWS_WITH(levels(LevelUnit::snr, "-1"),
                    "--levels -1: needs numbers from 0, such as 10,1,0.1");
  CHECK_THROWS_WITH(levels(LevelUnit::ve_sigma, "-2"),
                    "--levels -2: needs numbers from 0, such as 0.1,1,10");
  CHECK_THROWS_WITH(levels(LevelUnit::lambda, "nan"),
                    "--levels nan: needs numbers, such as 2,0,-2");
  CHECK_THROWS_WITH(levels(LevelUnit::snr, "2,1,2"), "--levels 2,1,2: a level twice");
  CHECK_THROWS_WITH(levels(LevelUnit::snr, "0", "ve"),
                    "--levels 0: pure noise has no finite scale on the variance-exploding path");
}

TEST_CASE("one level, as a step or by a number", "[noise]") {
  const Schedule schedule = make_schedule("linear:T=10");
  CHECK(parse_level("--from", "3", schedule).t == 3);
  CHECK(parse_level("--from", "0", schedule).level.clean());
  CHECK(parse_level("--from", "snr=0.5", schedule).level.snr() == Approx(0.5));
  CHECK(parse_level("--from", "ve-sigma=2", schedule).name == "ve-sigma2");
  CHECK(parse_level("--from", "ve_sigma=2", schedule).name == "ve-sigma2");
  CHECK(parse_level("--from", "SNR=0.5", schedule).level.snr() == Approx(0.5));
  CHECK_THROWS_WITH(
      parse_level("--from", "sigma=2", schedule),
      StartsWith("--from sigma=2: levels are named by ve-sigma (sigma/alpha), snr or"));
  CHECK_THROWS_WITH(
      parse_level("--from", "x", schedule),
      "--from x: needs a step t, or a level such as ve-sigma=2, snr=0.5 or lambda=-1");
  CHECK_THROWS_WITH(parse_level("--from", "snr=", schedule),
                    "--from snr=: needs numbers from 0, such as 10,1,0.1");
  CHECK_THROWS_WITH(parse_level("--to", "11", schedule),
                    "--to 11: the schedule has steps 1..10 (0 is clean)");
}

TEST_CASE("a level is called by its step where it is one", "[noise]") {
  const Schedule schedule = make_schedule("linear:T=10");
  for (int t = 0; t <= 10; ++t) {
    CHECK(level_asked(schedule, schedule.at(t)).t == t);
    CHECK(level_asked(schedule, schedule.at(t)).name == "t" + std::to_string(t));
  }
  const NoiseLevel between = schedule.at_lambda(0.1234);
  const LevelAsked asked = level_asked(schedule, between);
  CHECK_FALSE(asked.t);
  CHECK(asked.name.substr(0, 8) == "ve-sigma");
  CHECK(asked.level.lambda == between.lambda);
}
