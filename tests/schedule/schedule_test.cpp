#include "lib/schedule/schedule.hpp"

#include <cmath>
#include <limits>

#include "lib/base/error.hpp"
#include "lib/schedule/check.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "lib/schedule/table.hpp"
#include "lib/schedule/transition.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

double alpha_bar(const Schedule& schedule, int t) { return std::pow(schedule.at(t).alpha, 2); }

}  // namespace

TEST_CASE("the linear schedule has its well-known ends", "[schedule]") {
  const Schedule linear = make_schedule("linear", 1000);
  CHECK(alpha_bar(linear, 1000) == Approx(4.0358e-5).epsilon(1e-5));
  CHECK(linear.at(1).snr() == Approx(9999).epsilon(1e-12));
  CHECK(linear.at(1).timestep == 0);
  CHECK(linear.at(1000).timestep == 999);
}

TEST_CASE("two steps of beta 0.1 leave 0.9 x0 and 0.43589 eps", "[schedule]") {
  const Schedule two = from_betas({0.1, 0.1});
  CHECK(alpha_bar(two, 2) == Approx(0.81).epsilon(1e-14));
  CHECK(two.at(2).alpha == Approx(0.9).epsilon(1e-14));
  CHECK(two.at(2).sigma == Approx(0.43589).epsilon(1e-5));
}

TEST_CASE("T is bounded and t is 0..T", "[schedule]") {
  CHECK_THROWS_WITH(make_schedule("cosine", -1), Contains("T must lie in 1..1000000"));
  CHECK_THROWS_WITH(make_schedule("cosine:T=1000001"), Contains("1000001"));
  CHECK(make_schedule("cosine:T=7").steps() == 7);
  CHECK(make_schedule("cosine:T=7", 9).steps() == 9);
  CHECK(make_schedule("cosine", 5).at(0).clean());
  CHECK_THROWS_WITH(make_schedule("cosine", 5).at(6), Contains("steps 1..5"));
}

TEST_CASE("bad betas are refused by place", "[schedule]") {
  CHECK_THROWS_WITH(from_betas({0.1, -0.1}), Contains("betas[1] (t = 2): -0.1"));
  CHECK_THROWS_WITH(from_betas({0.1, 1.5}), Contains("outside [0, 1]"));
  CHECK_THROWS_WITH(from_betas({1, 0.5}), Contains("at the last step only"));
  CHECK_THROWS_WITH(from_betas({std::nan("")}), Contains("outside"));
  CHECK(from_betas({0.5, 1}).at(2).pure_noise());
}

TEST_CASE("timesteps between levels are linear in lambda", "[schedule]") {
  const Schedule schedule = make_schedule("linear", 1000);
  const double a = schedule.at(500).lambda, b = schedule.at(501).lambda;
  CHECK(schedule.at_lambda(a).timestep == Approx(499).margin(1e-9));
  CHECK(schedule.at_lambda((a + b) / 2).timestep == Approx(499.5).margin(1e-9));
  CHECK(schedule.at_lambda(100).timestep == 0);
  CHECK(schedule.at_lambda(-100).timestep == 999);
  const Schedule ends_in_noise = from_betas({0.5, 1});
  CHECK(ends_in_noise.at_lambda(-50).timestep == 0);
  CHECK(ends_in_noise.at_lambda(-std::numeric_limits<double>::infinity()).timestep == 1);
}

TEST_CASE("timesteps of the straight path are 1000 tau between its levels too", "[schedule]") {
  for (const char* spec : {"flow", "flow:shift=3", "flow:T=10"}) {
    const Schedule schedule = make_schedule(spec);
    for (const double lambda : {-9.0, -1.234, 0.0, 0.77, 4.0, 12.0}) {
      const NoiseLevel at = schedule.at_lambda(lambda);
      CAPTURE(spec, lambda);
      CHECK(at.timestep == Approx(1000 * at.sigma).epsilon(1e-14));
      CHECK(schedule.at_timestep(at.timestep).lambda == Approx(lambda).margin(1e-10));
    }
  }
}

TEST_CASE("a level is found by its timestep", "[schedule]") {
  const Schedule schedule = make_schedule("cosine", 1000);
  CHECK(schedule.at_timestep(499).lambda == schedule.at(500).lambda);
  const NoiseLevel between = schedule.at_timestep(499.25);
  CHECK(between.timestep == 499.25);
  CHECK(schedule.at_lambda(between.lambda).timestep == Approx(499.25).epsilon(1e-12));
  CHECK(schedule.at_timestep(-3).lambda == schedule.at(1).lambda);
  CHECK(schedule.at_timestep(2000).lambda == schedule.at(1000).lambda);
}

TEST_CASE("a schedule file that contradicts itself is refused by place", "[schedule]") {
  Json json = schedule_to_json(make_schedule("linear", 1000));
  json["betas"][499] = 0.2;
  CHECK_THROWS_WITH(schedule_from_json(json, "s.json"),
                    "s.json: betas[499] (t = 500): 0.2 where linear gives 0.01004");
  json = schedule_to_json(make_schedule("linear", 10));
  json["version"] = 2;
  CHECK_THROWS_WITH(schedule_from_json(json, "s.json"), Contains("version 2"));
  json = schedule_to_json(make_schedule("linear", 10));
  json["T"] = 1e9;
  CHECK_THROWS_WITH(schedule_from_json(json, "s.json"), Contains("T: must be"));
  json = {{"hello", 1}};
  CHECK_THROWS_WITH(schedule_from_json(json, "s.json"), Contains("not a schedule"));
  json = schedule_to_json(make_schedule("flow", 10));
  json["sigmas"][3] = 0.9;
  CHECK_THROWS_WITH(schedule_from_json(json, "s.json"), Contains("sigmas[3] (t = 4)"));
  json = {{"betas", {0.1, "NaN"}}};
  CHECK_THROWS_WITH(schedule_from_json(json, "s.json"), Contains("betas[1]"));
}

TEST_CASE("unknown keys of a schedule file are kept", "[schedule]") {
  Json json = schedule_to_json(make_schedule("cosine", 3));
  json["comment"] = "mine";
  CHECK(schedule_to_json(schedule_from_json(json, "s"))["comment"] == "mine");
}

TEST_CASE("a respaced schedule keeps alpha_bars and timesteps", "[schedule]") {
  const Schedule full = make_schedule("cosine", 1000);
  const Schedule half = respaced(full, make_grid("trailing", full, 50));
  REQUIRE(half.steps() == 50);
  CHECK(half.at(50).timestep == 999);
  CHECK(half.at(1).timestep == 19);
  const Schedule again = from_betas(half.betas);
  for (int t = 1; t <= 50; ++t)
    CHECK(alpha_bar(again, t) == Approx(alpha_bar(full, 20 * t)).epsilon(1e-10));
  const Schedule back = schedule_from_json(schedule_to_json(half), "s.json");
  CHECK(back.at(7).timestep == half.at(7).timestep);
}

TEST_CASE("transitions are Ho's forward step and posterior", "[schedule]") {
  const Schedule schedule = make_schedule("linear", 1000);
  for (const int t : {2, 500, 1000}) {
    const double beta = schedule.betas[std::size_t(t - 1)], ab = alpha_bar(schedule, t),
                 before = alpha_bar(schedule, t - 1);
    const ForwardStep step = forward_step(schedule.at(t - 1), schedule.at(t));
    CHECK(step.scale == Approx(std::sqrt(1 - beta)).epsilon(1e-12));
    CHECK(step.variance == Approx(beta).epsilon(1e-9));
    const PosteriorStep posterior = posterior_step(schedule.at(t), schedule.at(t - 1));
    CHECK(posterior.variance == Approx((1 - before) / (1 - ab) * beta).epsilon(1e-9));
    CHECK(posterior.coef_x0 == Approx(std::sqrt(before) * beta / (1 - ab)).epsilon(1e-9));
    CHECK(posterior.coef_xt == Approx(std::sqrt(1 - beta) * (1 - before) / (1 - ab)).epsilon(1e-9));
  }
  CHECK(posterior_step(schedule.at(1), schedule.at(0)).variance == 0);
}

TEST_CASE("tables hold what they say", "[schedule]") {
  const Schedule schedule = make_schedule("linear", 1000);
  const std::vector<int> steps{1, 1000};
  const auto columns = choose_columns(schedule, {"t", "snr", "posterior_log_variance_clipped"});
  const std::string tsv = format_table(table_of(schedule, steps, columns), TableFormat::tsv);
  CHECK(tsv.starts_with("t\tsnr\tposterior_log_variance_clipped\n1\t9999"));
  CHECK_THROWS_WITH(choose_columns(schedule, {"snrr"}), Contains("no column 'snrr' (have: t"));
  CHECK_THROWS_WITH(choose_columns(make_schedule("ve", 5), {"beta"}),
                    Contains("variance-preserving schedules only"));
  for (const auto& column : table_columns())
    for (const int t : {2, 500, 1000}) CHECK(std::isfinite(column.value(schedule, t)));
}

TEST_CASE("check finds faults and measures the end", "[schedule]") {
  const ScheduleReport linear = check_schedule(make_schedule("linear", 1000));
  CHECK(linear.terminal_kl == Approx(-std::log(1 - 4.035830e-5) / 2).epsilon(1e-5));
  CHECK(linear.eps_gain == Approx(157.4).epsilon(1e-3));
  CHECK(check_schedule(from_betas({0.1, 0, 0.1})).findings.size() == 1);
  CHECK(check_schedule(from_betas({0, 0.1})).findings.size() == 1);
}
