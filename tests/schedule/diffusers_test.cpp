#include "lib/schedule/exchange/diffusers_config.hpp"

#include <cmath>

#include "lib/base/error.hpp"
#include "lib/schedule/check.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "lib/schedule/transform.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

Json cases() { return read_json(TEST_DATA_DIR "/schedule/diffusers_configs.json")["configs"]; }

Json config(const std::string& members) {
  return parse_json(R"({"_class_name": "DDIMScheduler")" + members + "}", "test");
}

Schedule imported(const std::string& members) {
  return schedule_from_diffusers(config(members), "c.json");
}

void same_table(const Schedule& a, const Schedule& b) {
  REQUIRE(a.path == b.path);
  REQUIRE(a.steps() == b.steps());
  for (int t = 1; t <= a.steps(); ++t) {
    REQUIRE(a.at(t).alpha == Approx(b.at(t).alpha).epsilon(1e-9).margin(1e-13));
    REQUIRE(a.at(t).sigma == Approx(b.at(t).sigma).epsilon(1e-9));
    REQUIRE(a.at(t).timestep == Approx(b.at(t).timestep));
  }
}

}  // namespace

TEST_CASE("configurations become the tables that diffusers makes of them", "[schedule]") {
  for (const Json& each : cases()) {
    const Json& table = each["table"];
    const Schedule made = schedule_from_diffusers(each["config"], "c.json");
    for (std::size_t i = 0; i < table["t"].size(); ++i) {
      const std::size_t t = table["t"][i];
      CAPTURE(each["config"].dump(), t);
      if (table.contains("betas") && table.contains("timesteps"))
        CHECK(made.at(std::int64_t(t)).timestep ==
              Approx(table["timesteps"][i].get<double>()).epsilon(1e-5));
      if (table.contains("betas")) {
        // float32, and where it rescales, differences of products of 1000 factors
        const bool rescaled = each["config"].value("rescale_betas_zero_snr", false);
        CHECK(made.betas[t - 1] ==
              Approx(table["betas"][i].get<double>()).epsilon(rescaled ? 1e-3 : 1e-6));
      } else {
        CHECK(made.at(std::int64_t(t)).sigma ==
              Approx(table["sigmas"][i].get<double>()).epsilon(2e-6));
        CHECK(made.at(std::int64_t(t)).timestep ==
              Approx(table["timesteps"][i].get<double>()).epsilon(2e-6).margin(1e-5));
      }
    }
  }
}

TEST_CASE("what is imported comes back on export, key by key", "[schedule]") {
  for (const Json& each : cases()) {
    const Json& before = each["config"];
    CAPTURE(before.dump());
    const Schedule made = schedule_from_diffusers(before, "c.json");
    const Json after = diffusers_from_schedule(made);
    same_table(schedule_from_diffusers(after, "again"), made);
    for (const auto& [key, value] : before.items()) {
      // Defaults that say nothing may stay away; nothing else may.
      const bool silent = value.is_null() || value == false || key == "shift" ||
                          key == "flow_shift" || key.starts_with("beta_") || key == "rho";
      CAPTURE(key);
      if (after.contains(key) && value.is_number())
        CHECK(after[key].get<double>() == Approx(value.get<double>()));
      else if (after.contains(key))
        CHECK(after[key] == value);
      else
        CHECK(silent);
    }
  }
}

TEST_CASE("every schedule that diffusers can hold survives the way there and back", "[schedule]") {
  for (const char* spec :
       {"linear", "linear:scale=5,T=200", "scaled-linear", "cosine", "cosine:s=0.1", "quadratic",
        "sigmoid", "sigmoid:points=linspace", "jsd:T=7", "flow", "flow:shift=3", "linear:T=1"}) {
    CAPTURE(spec);
    const Schedule from = make_schedule(spec);
    same_table(schedule_from_diffusers(diffusers_from_schedule(from), "back"), from);
  }
}

TEST_CASE("formulas are preferred to lists of betas", "[schedule]") {
  CHECK(diffusers_from_schedule(make_schedule("cosine"))["beta_schedule"] == "squaredcos_cap_v2");
  CHECK(diffusers_from_schedule(make_schedule("linear:scale=2"))["beta_end"] == Approx(0.04));
  CHECK(diffusers_from_schedule(make_schedule("cosine:s=0.1")).contains("trained_betas"));
  const Schedule linear = make_schedule("linear");
  Schedule rescaled = with_zero_terminal_snr(linear);
  note_origin(rescaled, linear, "zero-snr");
  const Json made = diffusers_from_schedule(rescaled);
  CHECK(made["rescale_betas_zero_snr"] == true);
  CHECK_FALSE(made.contains("trained_betas"));
  // PNDM has no such setting: its betas are written out.
  CHECK(diffusers_from_schedule(rescaled, "PNDMScheduler").contains("trained_betas"));
}

TEST_CASE("what a configuration cannot say is not exported", "[schedule]") {
  const Schedule linear = make_schedule("linear");
  CHECK_THROWS_WITH(diffusers_from_schedule(respaced(linear, make_grid("trailing", linear, 50))),
                    Contains("timesteps are t - 1"));
  CHECK_THROWS_WITH(diffusers_from_schedule(make_schedule("karras")), Contains("ln(sigma)/4"));
  CHECK_THROWS_WITH(diffusers_from_schedule(make_schedule("flow", 4)), Contains("T must be 1000"));
  CHECK_THROWS_WITH(diffusers_from_schedule(linear, "FlowMatchEulerDiscreteScheduler"),
                    Contains("cannot hold"));
  CHECK_THROWS_WITH(diffusers_from_schedule(linear, "DDIM"), Contains("DDIMScheduler"));
}

TEST_CASE("no key of a configuration is dropped silently", "[schedule]") {
  CHECK_THROWS_WITH(imported(R"(, "beta_stat": 1)"), Contains("c.json: beta_stat"));
  const Schedule made = imported(R"(, "clip_sample": false, "_note": 3)");
  CHECK(made.extra["diffusers"]["class"] == "DDIMScheduler");
  CHECK(made.extra["diffusers"]["config"] == Json({{"clip_sample", false}, {"_note", 3}}));
}

TEST_CASE("what a configuration leaves open is noted, and nothing else", "[schedule]") {
  const auto notes = [](const std::string& members) { return imported(members).notes; };
  using Notes = std::vector<std::string>;
  const std::string steps = R"(, "num_train_timesteps": 10)";
  CHECK(
      notes(steps + R"(, "beta_schedule": "linear", "beta_start": 0.1, "beta_end": 0.2)").empty());
  CHECK(notes(steps + R"(, "beta_schedule": "squaredcos_cap_v2")").empty());
  CHECK(notes(R"(, "beta_schedule": "squaredcos_cap_v2", "trained_betas": null)") ==
        Notes{"c.json: does not say num_train_timesteps; taken as the defaults of DDIMScheduler"});
  CHECK(notes(steps + R"(, "beta_end": 0.2)") ==
        Notes{"c.json: does not say beta_schedule, beta_start; taken as the defaults of "
              "DDIMScheduler"});
  const Json flow = {{"_class_name", "FlowMatchEulerDiscreteScheduler"},
                     {"num_train_timesteps", 1000},
                     {"use_dynamic_shifting", true}};
  CHECK(schedule_from_diffusers(flow, "f.json").notes ==
        Notes{"f.json: use_dynamic_shifting chooses a shift by the size of each image; taken "
              "for 1"});
}

TEST_CASE("settings that a class has not, and values of the wrong kind, are refused",
          "[schedule]") {
  const auto refused = [](const std::string& members, const std::string& why) {
    CAPTURE(members);
    CHECK_THROWS_WITH(imported(members), Contains(why));
  };
  refused(R"(, "use_flow_sigmas": true)", "use_flow_sigmas is not a setting of DDIMScheduler");
  refused(R"(, "shift": 3)", "shift is not a setting of DDIMScheduler");
  refused(R"(, "beta_schedule": "cosine")", "'cosine' is not known");
  refused(R"(, "beta_schedule": "sigmoid")", "'sigmoid' is none that DDIMScheduler has");
  refused(R"(, "beta_schedule": 3)", "beta_schedule: must be a string, got 3");
  refused(R"(, "beta_start": "x")", "beta_start: must be a number, got \"x\"");
  refused(R"(, "beta_end": 2)", "c.json: linear: beta_end must lie in [0, 1]");
  refused(R"(, "num_train_timesteps": 2.5)", "num_train_timesteps must be a whole number");
  refused(R"(, "num_train_timesteps": 1000000000)", "1..1000000");
  refused(R"(, "trained_betas": [0.1, 0.2])", "where trained_betas has 2 entries");
  refused(R"(, "trained_betas": [0.1, 2], "num_train_timesteps": 2)", "trained_betas[1]");
  refused(R"(, "trained_betas": "x")", "trained_betas: must be an array of numbers");
  refused(R"(, "rescale_betas_zero_snr": 1)", "must be true or false");
  CHECK_THROWS_WITH(schedule_from_diffusers(Json::object(), "c.json"), Contains("no _class_name"));
  CHECK_THROWS_WITH(schedule_from_diffusers({{"_class_name", "VQ"}}, "c.json"),
                    Contains("_class_name 'VQ' is not known (have: DDPMScheduler"));
}

TEST_CASE("infinities are written as Python's json writes them", "[schedule]") {
  const Json config = {{"a", "Infinity"}, {"b", "-Infinity"}, {"c", "NaN"}, {"d", "Infinity War"}};
  CHECK(python_json(config) ==
        "{\n  \"a\": Infinity,\n  \"b\": -Infinity,\n  \"c\": NaN,\n  \"d\": \"Infinity "
        "War\"\n}\n");
}
