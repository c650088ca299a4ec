#include "lib/schedule/plot.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/schedule/transform.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

std::string script(std::initializer_list<NamedSchedule> schedules, PlotSettings settings = {}) {
  const std::vector<NamedSchedule> all(schedules);
  return gnuplot_script(all, settings);
}

NamedSchedule family(const char* spec) { return {spec, make_schedule(spec)}; }

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("panels are those that the paths have", "[schedule]") {
  const std::string preserving = script({family("linear")});
  CHECK(has(preserving, "beta:"));
  CHECK(has(preserving, "alpha_bar:"));
  CHECK_FALSE(has(preserving, "sigma:"));
  const std::string straight = script({family("flow")});
  CHECK_FALSE(has(straight, "beta:"));
  CHECK(has(straight, "sigma:"));
  CHECK(has(script({family("flow"), family("linear")}), "alpha_bar:"));
}

TEST_CASE("schedules of several T share an axis of t/T", "[schedule]") {
  CHECK(has(script({family("linear"), family("cosine")}), "set xlabel 'step t'"));
  CHECK(has(script({family("linear"), family("cosine:T=50")}), "set xlabel 't/T'"));
}

TEST_CASE("no infinity and no name reaches gnuplot unquoted", "[schedule]") {
  Schedule zero = with_zero_terminal_snr(make_schedule("linear", 10));
  const std::string text = script({{"a'\n`id`\"$x", zero}});
  CHECK(has(text, "'a'' `id`\"$x'"));
  CHECK_FALSE(has(text, "inf\n"));
  CHECK_FALSE(has(text, "inf "));
  CHECK(has(text, "infinite log-SNR"));
}

TEST_CASE("long tables are thinned and long names abridged", "[schedule]") {
  const std::string text = script({{std::string(300, 'x'), make_schedule("linear", 100000)}});
  CHECK(std::ranges::count(text, '\n') < 3200);
  CHECK(has(text, "xxx...xxx"));
  CHECK_FALSE(has(text, std::string(50, 'x')));
}

TEST_CASE("a picture too small for its panels is refused", "[schedule]") {
  CHECK_THROWS_WITH(script({family("linear")}, {.size = {200, 400}}), Contains("too small"));
  CHECK_NOTHROW(script({family("linear")}, {.size = {900, 400}}));
}
