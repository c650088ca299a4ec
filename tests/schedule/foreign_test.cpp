#include "lib/schedule/exchange/foreign.hpp"

#include "lib/base/error.hpp"
#include "lib/schedule/exchange/diffusers_config.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using namespace std::string_literals;

namespace {

const std::string config =
    R"({"_class_name": "DDIMScheduler", "num_train_timesteps": 10, "beta_schedule": "linear",
        "beta_start": 0.1, "beta_end": 0.2})";

std::vector<double> no_npy(std::string, const std::string&) { throw Error("not asked for"); }

ForeignSchedule read(const std::string& bytes, std::optional<Quantity> wanted = {}) {
  return read_foreign(bytes, "f", wanted, no_npy);
}

void same(const Schedule& a, const Schedule& b) {
  CHECK(schedule_to_json(a) == schedule_to_json(b));
}

}  // namespace

TEST_CASE("a configuration of diffusers is a schedule wherever one is named", "[schedule]") {
  test::Scratch scratch;
  const std::string file = scratch.write("some.json", config);
  scratch.write("model/scheduler_config.json", config);
  scratch.write("pipeline/scheduler/scheduler_config.json", config);
  const Schedule imported = schedule_from_diffusers(parse_json(config, "c"), "c");
  REQUIRE(imported.steps() == 10);
  same(load_schedule(file), imported);
  same(load_schedule(scratch / "model"), imported);
  same(load_schedule(scratch / "pipeline"), imported);
  same(std::get<Schedule>(read(config)), imported);
  same(load_schedule(file, 10), imported);
  CHECK_THROWS_WITH(load_schedule(file, 20), Contains("some.json: has T = 10, not 20"));
}

TEST_CASE("the file of a folder is found, and missed by name", "[schedule]") {
  test::Scratch scratch;
  scratch.write("pipeline/scheduler/scheduler_config.json", config);
  scratch.write("empty/x", "");
  CHECK(schedule_file("-") == "-");
  CHECK(schedule_file(scratch / "none.json") == scratch / "none.json");
  CHECK(schedule_file(scratch / "pipeline") ==
        scratch / "pipeline/scheduler/scheduler_config.json");
  CHECK_THROWS_WITH(
      schedule_file(scratch / "empty"),
      Contains("empty: is a folder, not a schedule, and holds neither scheduler_config"));
}

TEST_CASE("what defines a schedule here is not a configuration of diffusers", "[schedule]") {
  // A table of one's own may carry a key of theirs.
  const Json own = parse_json(R"({"betas": [0.1, 0.2], "num_train_timesteps": 2})", "own");
  CHECK_FALSE(is_diffusers_config(own));
  CHECK(schedule_of_json(own, "own").betas == std::vector<double>{0.1, 0.2});
  CHECK_THROWS_WITH(read(own.dump()), Contains("f: is a schedule file already"));
  CHECK_THROWS_WITH(schedule_of_json(parse_json(R"({"num_train_timesteps": 2})", "x"), "x"),
                    Contains("x: not a configuration of a scheduler: it has no _class_name"));
}

TEST_CASE("lists are read by their first bytes", "[schedule]") {
  const auto values = [](const ForeignSchedule& read) { return std::get<PlainArray>(read).values; };
  const std::vector<double> two{0.1, 0.2};
  CHECK(values(read("[0.1, 0.2]", Quantity::betas)) == two);
  CHECK(values(read("step,beta\n1,0.1\n2,0.2\n")) == two);
  CHECK(values(read("0.1\n0.2\n", Quantity::betas)) == two);
  const auto decode = [&](const std::string& bytes, const std::string& culprit) {
    CHECK(bytes.starts_with("\x93NUMPY"));
    CHECK(culprit == "f");
    return two;
  };
  const auto array =
      std::get<PlainArray>(read_foreign("\x93NUMPY and so on", "f", Quantity::sigmas, decode));
  CHECK(array.values == two);
  CHECK(array.quantity == Quantity::sigmas);
  CHECK_FALSE(std::get<PlainArray>(read("0.1\n0.2\n")).quantity);
  CHECK_THROWS_WITH(read("\x89PNG\r\n\x1a\n\0"s), Contains("f: is a PNG picture, not a schedule"));
}

TEST_CASE("the column of a list follows the quantity, and the process where none is named",
          "[schedule]") {
  CHECK(column_of(Quantity::betas) == "beta");
  CHECK(column_of(Quantity::alpha_bars) == "alpha_bar");
  CHECK(column_of(Quantity::log_snr) == "log_snr");
  CHECK(usual_column(make_schedule("linear")) == "beta");
  CHECK(usual_column(make_schedule("flow")) == "sigma");
  CHECK(usual_column(make_schedule("karras")) == "sigma");
}
