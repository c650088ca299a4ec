// What holds for every family, whatever T.
#include <algorithm>
#include <cmath>
#include <map>

#include "lib/base/error.hpp"
#include "lib/schedule/check.hpp"
#include "lib/schedule/schedule.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "lib/schedule/transition.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

double alpha_bar(const Schedule& schedule, int t) { return std::pow(schedule.at(t).alpha, 2); }

Json written(const Schedule& schedule) {
  return parse_json(to_text(schedule_to_json(schedule)), "s.json");
}

bool same_levels(const Schedule& a, const Schedule& b) {
  const auto same = [](const NoiseLevel& x, const NoiseLevel& y) {
    return x.lambda == y.lambda && x.alpha == y.alpha && x.sigma == y.sigma &&
           x.timestep == y.timestep;
  };
  return std::ranges::equal(a.levels, b.levels, same);
}

}  // namespace

TEST_CASE("every family is sound for every T, and levels lie on its path", "[schedule]") {
  for (const auto& row : schedules())
    for (const int steps : {1, 2, 3, 10, 1000, 1'000'000}) {
      const Schedule schedule = make_schedule(row.name, steps);
      CAPTURE(row.name, steps);
      REQUIRE(schedule.steps() == steps);
      CHECK(schedule.family == row.name);
      CHECK(check_schedule(schedule).findings.empty());
      int off_path = 0;
      for (const NoiseLevel& level : schedule.levels) {
        const NoiseLevel same = on_path(schedule.path, level.lambda);
        off_path += level.alpha != Approx(same.alpha).epsilon(1e-9).margin(1e-15) ||
                    level.sigma != Approx(same.sigma).epsilon(1e-9);
      }
      CHECK(off_path == 0);
    }
}

TEST_CASE("one step takes every family from level to level, whatever T", "[schedule]") {
  for (const auto& row : schedules())
    for (const int steps : {1, 2, 3, 1000, 1'000'000}) {
      const Schedule schedule = make_schedule(row.name, steps);
      CAPTURE(row.name, steps);
      int wrong = 0;
      for (int t = 1; t <= steps; ++t) {
        const NoiseLevel from = schedule.at(t), to = schedule.at(t - 1);
        const ForwardStep step = forward_step(to, from);
        const PosteriorStep posterior = posterior_step(from, to);
        const bool finite = std::isfinite(step.scale) && std::isfinite(posterior.coef_x0) &&
                            std::isfinite(posterior.coef_xt) && std::isfinite(posterior.variance);
        wrong += !finite || step.scale > 1 || step.scale < 0 || step.variance <= 0;
        // The step's variance is a difference of sums, so small betas have fewer digits.
        if (!schedule.betas.empty())
          wrong += step.variance !=
                   Approx(schedule.betas[std::size_t(t - 1)]).epsilon(1e-6).margin(1e-14);
      }
      CHECK(wrong == 0);
    }
}

TEST_CASE("every family survives its file", "[schedule]") {
  for (const auto& row : schedules())
    for (const int steps : {1, 2, 20}) {
      const Schedule schedule = make_schedule(row.name, steps);
      const Json json = written(schedule);
      const Schedule back = schedule_from_json(json, "s.json");
      CAPTURE(row.name, steps);
      CHECK(back.family == schedule.family);
      CHECK(back.params == schedule.params);
      CHECK(same_levels(back, schedule));
      CHECK(schedule_to_json(back) == schedule_to_json(schedule));

      // Family and parameters alone, or one defining array alone, are enough.
      const Json brief = {{"family", row.name}, {"params", json["params"]}, {"T", steps}};
      CHECK(schedule_to_json(schedule_from_json(brief, "s.json")) == json);
      Json bare = {{"process", json["process"]}};
      const char* defining = schedule.path == Path::variance_preserving ? "betas" : "sigmas";
      bare[defining] = json[defining];
      const Schedule custom = schedule_from_json(bare, "s.json");
      CHECK(custom.family == "custom");
      CHECK(custom.at(steps).lambda == Approx(schedule.at(steps).lambda).epsilon(1e-12));
    }
}

TEST_CASE("T = 1 is a ramp's start", "[schedule]") {
  CHECK(make_schedule("linear", 1).betas.front() == 1e-4);
  CHECK(make_schedule("scaled-linear", 1).betas.front() == Approx(0.00085).epsilon(1e-14));
  CHECK(make_schedule("ve", 1).at(1).sigma == 0.01);
  CHECK(make_schedule("karras", 1).at(1).sigma == Approx(0.002).epsilon(1e-12));
  CHECK(2 * make_schedule("piecewise", 1).at(1).lambda == 13.3);
  CHECK(make_schedule("warm-up:warmup=1", 1).betas.front() == 1e-4);
}

TEST_CASE("families are their closed forms", "[schedule]") {
  const Schedule jsd = make_schedule("jsd", 10), exponential = make_schedule("exponential", 1000);
  for (int t = 1; t <= 10; ++t)
    CHECK(alpha_bar(jsd, t) == Approx(1 - t / 10.0).epsilon(1e-13).margin(1e-15));
  CHECK(jsd.at(10).pure_noise());
  CHECK(alpha_bar(exponential, 500) == Approx(std::exp(-6)).epsilon(1e-12));
  CHECK(alpha_bar(make_schedule("constant", 1000), 1000) ==
        Approx(std::pow(0.98, 1000)).epsilon(1e-12));
  const Schedule warm = make_schedule("warm-up:warmup=0.5", 4);
  CHECK(warm.betas == std::vector<double>{1e-4, 0.02, 0.02, 0.02});
  const Schedule curve = make_schedule("sigmoid-alpha-bar:max_beta=1", 100);
  CHECK(curve.at(100).pure_noise());
  CHECK(curve.at(50).snr() == Approx(1).epsilon(1e-12));  // an even curve is half way there
}

TEST_CASE("a million cosine steps keep the digits of their betas", "[schedule]") {
  const Schedule cosine = make_schedule("cosine", 1'000'000);
  // 1 - cos^2(b)/cos^2(a), the derivative of -2 log cos at the middle times the step.
  const double quarter = std::acos(-1) / 2 / 1.008, step = quarter / 1e6;
  for (const int t : {1, 1000, 500'000})
    CHECK(cosine.betas[std::size_t(t - 1)] ==
          Approx(-std::expm1(-2 * step * std::tan((0.008 + (t - 0.5) / 1e6) * quarter)))
              .epsilon(1e-9));
}

// alpha_bar is exp(-10050) at the end, far below what a double holds.
TEST_CASE("log-SNR goes on where alpha_bar underflows", "[schedule]") {
  const Schedule linear = make_schedule("linear", 1'000'000);
  double log_alpha_bar = 0;
  for (const double beta : linear.betas) log_alpha_bar += std::log1p(-beta);
  CHECK(alpha_bar(linear, 1'000'000) == 0);
  CHECK(2 * linear.at(1'000'000).lambda == Approx(log_alpha_bar).epsilon(1e-12));
}

TEST_CASE("piecewise is straight in log-SNR between its knots", "[schedule]") {
  for (const char* process : {"vp", "ve", "flow"}) {
    const Schedule made =
        make_schedule(std::string("piecewise:log_snr=10:4:-10,at=0:0.75:1,process=") + process, 5);
    CAPTURE(process);
    for (const auto& [t, log_snr] :
         std::map<int, double>{{1, 10}, {2, 8}, {3, 6}, {4, 4}, {5, -10}})
      CHECK(2 * made.at(t).lambda == Approx(log_snr).epsilon(1e-14));
    CHECK(made.params["at"] == "0:0.75:1");
  }
  CHECK(make_schedule("piecewise:log_snr=1:0:-1,process=flow", 3).at(2).timestep == Approx(500));
  CHECK_THROWS_WITH(make_schedule("piecewise:log_snr=1:2"), Contains("that fall"));
  CHECK_THROWS_WITH(make_schedule("piecewise:log_snr=1"), Contains("at least two"));
  CHECK_THROWS_WITH(make_schedule("piecewise:at=0:0.5:1"), Contains("for each log_snr"));
  CHECK_THROWS_WITH(make_schedule("piecewise:process=x"), Contains("vp, ve, flow"));
}

TEST_CASE("aliases and EDM's timesteps", "[schedule]") {
  CHECK(schedule_to_json(make_schedule("exponential-sigmas:sigma_max=80", 9)) ==
        schedule_to_json(make_schedule("ve:sigma_max=80", 9)));
  const Schedule edm = make_schedule("karras:timestep=c_noise", 10);
  CHECK(edm.at(10).timestep == Approx(std::log(80) / 4).epsilon(1e-14));
  CHECK(edm.at_lambda(0).timestep == Approx(0).margin(1e-12));
}

TEST_CASE("a table of one's own comes in place or from JSON, text and CSV", "[schedule]") {
  const test::Scratch folder;
  const auto file = [&](const char* name, const char* text) { return folder.write(name, text); };
  const Json want = schedule_to_json(from_betas({0.1, 0.2}));
  for (const std::string& given :
       {std::string("0.1:0.2"), std::string("\"0.1, 0.2\""), file("a.json", "[0.1, 0.2]"),
        file("b.json", R"({"betas": [0.1, 0.2]})"), file("c.txt", "# mine\n0.1\n0.2\n"),
        file("d.csv", "0.1,0.2\n"), file("e.csv", "t,beta\r\n1,0.1\r\n2,0.2\r\n"),
        file("f.tsv", "\"beta\"\tx\n0.1\t3\n0.2\t4")}) {
    CAPTURE(given);
    CHECK(schedule_to_json(make_schedule("custom:betas=" + given)) == want);
    CHECK(schedule_to_json(load_schedule("custom:betas=" + given, 2)) == want);
  }
  CHECK(make_schedule("custom:alpha_bars=0.9:0.5").at(2).alpha == Approx(std::sqrt(0.5)));
  CHECK(make_schedule("custom:sigmas=0.1:3").path == Path::variance_exploding);
  CHECK(make_schedule("custom:sigmas=0.1:1,process=flow").at(2).pure_noise());

  const auto refused = [&](const std::string& spec, const char* why) {
    CAPTURE(spec);
    CHECK_THROWS_WITH(make_schedule(spec), Contains(why));
  };
  refused("custom", "needs one of betas");
  refused("custom:betas=0.1,sigmas=0.1", "needs one of betas");
  refused("custom:betas=0.1:0.2,T=3", "T is the number of entries, 2, not 3");
  refused("custom:betas=" + (folder / "none"), "cannot be read");
  refused("custom:betas=" + file("g.csv", "x,y\n1,2\n"), "no column betas or beta");
  refused("custom:betas=" + file("h.csv", "0.1,1\n0.2,2\n"), "line 2: has several columns");
  refused("custom:betas=" + file("i.csv", "t,beta\n1\n"), "line 2: has only 1");
  refused("custom:betas=" + file("j.csv", "0.1\nx\n"), "line 2: not all");
  refused("custom:betas=" + file("k.json", "{\"x\": 1}"), "no key betas or beta");
  refused("custom:betas=" + file("l.json", "[]"), "holds no numbers");
  refused("custom:betas=" + file("m", ""), "holds no numbers");
  refused("custom:betas=0.1:nan", "betas[1]");
  refused("custom:betas=0.1:2", "custom: betas[1] (t = 2): 2 is outside");
}
