#include "lib/schedule/compare.hpp"

#include <cmath>

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

std::vector<NamedSchedule> named(std::initializer_list<const char*> specs) {
  std::vector<NamedSchedule> made;
  for (const char* spec : specs) made.push_back({spec, make_schedule(spec)});
  return made;
}

TableColumn column(const char* name) { return choose_columns(make_schedule("flow"), {name}).at(0); }

}  // namespace

TEST_CASE("schedules of one T are compared step by step", "[schedule]") {
  const auto schedules = named({"linear", "cosine", "linear"});
  const std::vector<int> steps{1, 500};
  const ScheduleComparison made = compare(schedules, column("log_snr"), steps);
  CHECK(made.table.header == std::vector<std::string>{"t", "linear", "cosine", "linear"});
  REQUIRE(made.table.rows.size() == 2);
  CHECK(made.table.rows[1][0] == 500);
  CHECK(made.table.rows[1][2] == Approx(2 * schedules[1].schedule.at(500).lambda));
  CHECK(made.distances[0].largest == 0);
  CHECK(made.distances[2].largest == 0);
  CHECK(made.distances[1].at == 500);
  CHECK(made.distances[1].largest ==
        Approx(std::abs(made.table.rows[1][2] - made.table.rows[1][1])));
}

TEST_CASE("schedules of several T meet at the fractions of the shortest", "[schedule]") {
  const auto schedules = named({"flow:T=1000", "flow:T=4", "flow:T=6"});
  const std::vector<int> steps{1, 2, 3, 4};
  const ScheduleComparison made = compare(schedules, column("sigma"), steps);
  CHECK(made.table.header[0] == "u");
  for (const auto& row : made.table.rows)
    for (const double value : row) CHECK(value == Approx(row[0]));  // sigma is u
}

TEST_CASE("an infinity here and a number there are infinitely far apart", "[schedule]") {
  const auto schedules = named({"linear:T=4", "flow:T=4", "flow:T=4"});
  const std::vector<int> last{4};
  const ScheduleComparison made = compare(schedules, column("log_snr"), last);
  CHECK(made.distances[1].largest == HUGE_VAL);
  CHECK(compare(std::span(schedules).subspan(1), column("log_snr"), last).distances[1].largest ==
        0);
}

TEST_CASE("schedules that are named twice keep apart", "[schedule]") {
  const std::vector<std::string> specs{"linear:T=3", "cosine", "linear:T=3", "linear:T=3"};
  const auto loaded = load_named(specs, 0);
  REQUIRE(loaded.size() == 4);
  CHECK(loaded[0].name == "linear:T=3");
  CHECK(loaded[2].name == "linear:T=3 (2)");
  CHECK(loaded[3].name == "linear:T=3 (3)");
  CHECK(loaded[3].schedule.steps() == 3);
  CHECK(load_named(specs, 7)[1].schedule.steps() == 7);
  const std::vector<std::string> piped{"-", "linear", "-"};
  CHECK_THROWS_WITH(load_named(piped), Contains("standard input can be read once"));
}
