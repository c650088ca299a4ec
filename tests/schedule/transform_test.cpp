#include "lib/schedule/transform.hpp"

#include <cmath>

#include "lib/base/error.hpp"
#include "lib/schedule/check.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

Schedule written_and_read(const Schedule& schedule) {
  return schedule_from_json(parse_json(to_text(schedule_to_json(schedule)), "written"), "written");
}

void same_levels(const Schedule& a, const Schedule& b) {
  REQUIRE(a.steps() == b.steps());
  for (int t = 1; t <= a.steps(); ++t) {
    CAPTURE(t);
    REQUIRE(a.at(t).alpha == Approx(b.at(t).alpha).epsilon(1e-9).margin(1e-13));
    REQUIRE(a.at(t).sigma == Approx(b.at(t).sigma).epsilon(1e-9));
    REQUIRE(a.at(t).timestep == Approx(b.at(t).timestep));
  }
}

}  // namespace

TEST_CASE("zero terminal SNR agrees with diffusers in double", "[schedule]") {
  const Json all = read_json(TEST_DATA_DIR "/schedule/diffusers_configs.json")["zero_snr"];
  for (const auto& [spec, rows] : all.items()) {
    const Schedule made = with_zero_terminal_snr(make_schedule(spec));
    for (std::size_t i = 0; i < rows["t"].size(); ++i) {
      const std::size_t t = rows["t"][i];
      CAPTURE(spec, t);
      CHECK(made.betas[t - 1] == Approx(rows["betas"][i].get<double>()).epsilon(1e-9));
    }
  }
}

// By the formula in 60 digits.
TEST_CASE("zero terminal SNR keeps its digits where little signal is left", "[schedule]") {
  const Schedule made = with_zero_terminal_snr(make_schedule("linear", 4000));
  CHECK(made.betas[99] == Approx(0.000592648163022288).epsilon(1e-11));
  CHECK(made.betas[1999] == Approx(0.0100475145178217).epsilon(1e-11));
  CHECK(made.betas[3997] == Approx(0.55992829032801).epsilon(1e-11));
  CHECK(made.betas[3998] == Approx(0.752456095021709).epsilon(1e-11));
}

TEST_CASE("zero terminal SNR leaves the first step and ends at none", "[schedule]") {
  for (const char* spec : {"linear", "cosine", "scaled-linear", "linear:T=2"}) {
    CAPTURE(spec);
    const Schedule from = make_schedule(spec), made = with_zero_terminal_snr(from);
    CHECK(made.at(1).lambda == from.at(1).lambda);
    CHECK(made.levels.back().alpha == 0);
    CHECK(made.betas.back() == 1);
    CHECK(made.levels.back().timestep == from.levels.back().timestep);
    CHECK(check_schedule(made).findings.empty());
    same_levels(made, with_zero_terminal_snr(made));
    same_levels(made, written_and_read(made));
  }
  CHECK_THROWS_WITH(with_zero_terminal_snr(make_schedule("ve")), Contains("not variance"));
  CHECK_THROWS_WITH(with_zero_terminal_snr(make_schedule("flow")), Contains("straight"));
  CHECK_THROWS_WITH(with_zero_terminal_snr(make_schedule("linear", 1)), Contains("two steps"));
}

TEST_CASE("a shift adds to the log-SNR on every path", "[schedule]") {
  for (const char* spec : {"cosine", "ve", "karras", "flow"}) {
    CAPTURE(spec);
    const Schedule from = make_schedule(spec), made = shifted(from, -1.5);
    for (const int t : {1, 2, 500, 999})
      CHECK(made.at(t).lambda - from.at(t).lambda == Approx(-0.75));
    CHECK(std::isinf(made.at(1000).lambda) == std::isinf(from.at(1000).lambda));
    same_levels(made, written_and_read(made));
    same_levels(from, shifted(made, 1.5));
  }
}

TEST_CASE("four times the side takes a sixteenth of the SNR", "[schedule]") {
  const Schedule from = make_schedule("cosine");
  const Schedule made = shifted(from, resolution_shift(64, 256));
  CHECK(made.at(500).snr() == Approx(from.at(500).snr() / 16));
  CHECK(made.at(500).timestep == 499);  // a network is handed the same
  CHECK_THROWS_WITH(resolution_shift(0, 64), Contains("positive"));
}

TEST_CASE("a flow's shift by a factor is the family's own shift", "[schedule]") {
  same_levels(shifted(make_schedule("flow"), flow_shift(3)), make_schedule("flow:shift=3"));
  CHECK_THROWS_WITH(flow_shift(-1), Contains("positive"));
}

TEST_CASE("scaling betas is the scale of the linear family", "[schedule]") {
  same_levels(scaled(make_schedule("linear", 200), 5), make_schedule("linear:scale=5", 200));
  same_levels(scaled(make_schedule("ve"), 2), make_schedule("ve:sigma_min=0.02,sigma_max=100"));
  CHECK_THROWS_WITH(scaled(make_schedule("cosine"), 2), Contains("scale by 2: betas["));
  CHECK_THROWS_WITH(scaled(make_schedule("flow"), 2), Contains("straight path"));
  CHECK_THROWS_WITH(scaled(make_schedule("linear"), 0), Contains("positive"));
}

TEST_CASE("filters note where a schedule comes from, in order", "[schedule]") {
  const Schedule linear = make_schedule("linear", 10);
  Schedule first = with_zero_terminal_snr(linear);
  note_origin(first, linear, "zero-snr");
  const Schedule read = written_and_read(first);
  Schedule second = respaced(read, make_grid("trailing", read, 5));
  note_origin(second, read, "respace");
  CHECK(second.extra["made_from"]["family"] == "linear");
  CHECK(second.extra["made_from"]["T"] == 10);
  CHECK(second.extra["made_by"] == Json({"zero-snr", "respace"}));
}

TEST_CASE("zero SNR stays zero in a file and through respacing to a single step", "[schedule]") {
  const Schedule zero = written_and_read(with_zero_terminal_snr(make_schedule("scaled-linear")));
  CHECK(zero.levels.back().sigma == 1);
  for (const int steps : {1, 2, 7}) {
    const Schedule few = respaced(zero, make_grid("trailing", zero, steps));
    CHECK(few.betas.back() == 1);
    CHECK(written_and_read(few).levels.back().sigma == 1);
  }
}
