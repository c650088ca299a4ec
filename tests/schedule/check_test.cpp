#include "lib/schedule/check.hpp"

#include <cmath>

#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

std::vector<std::string> faults(const std::string& text) {
  std::vector<std::string> all;
  for (const auto& [key, lines] : array_faults(parse_json(text, "test")))
    all.insert(all.end(), lines.begin(), lines.end());
  return all;
}

}  // namespace

TEST_CASE("all faults of all arrays are found, not the first alone", "[schedule]") {
  CHECK(faults(R"({"betas": [0.1, -1, NaN, "x", 1, 0.5], "timesteps": [0, 1, 2, 3, 4, 5]})") ==
        std::vector<std::string>{"betas[1] (t = 2): -1 is outside [0, 1]",
                                 "betas[2] (t = 3): is not a number (NaN)",
                                 "betas[3] (t = 4): \"x\" is not a number",
                                 "betas[4] (t = 5): 1 is allowed at the last step only"});
  CHECK(faults(R"({"alphas_cumprod": [0.5, 0.6], "snr": [-1, "Infinity"]})") ==
        std::vector<std::string>{"alphas_cumprod[1] (t = 2): 0.6 rises after 0.5",
                                 "snr[0] (t = 1): -1 is not a finite positive number"});
  CHECK(faults(R"({"process": "flow", "sigmas": [0.5, 2], "timesteps": [1]})") ==
        std::vector<std::string>{"sigmas[1] (t = 2): 2 is outside [0, 1]",
                                 "timesteps has 1 entries where sigmas has 2"});
  CHECK(faults(R"({"betas": 3, "snr": []})") ==
        std::vector<std::string>{"betas: not an array of numbers", "snr: not an array of numbers"});
  CHECK(faults(R"({"betas": [0, 0.5, 1], "snr": ["Infinity", 1, 0]})").empty());
}

TEST_CASE("of many faults the first few are told, and how many more", "[schedule]") {
  Json file = {{"betas", Json::array()}};
  for (int i = 0; i < 100; ++i) file["betas"].push_back(2);
  const auto lines = array_faults(file).at(0).lines;
  REQUIRE(lines.size() == 6);
  CHECK(lines.back() == "betas: and 95 more");
}

TEST_CASE("a verdict on a file tells its faults and what can be said of the rest", "[schedule]") {
  const auto judged = [](const char* text) { return judge_file(parse_json(text, "test"), "test"); };
  const ScheduleVerdict sound = judged(R"({"betas": [0.1, 0.2]})");
  CHECK(sound.sound());
  CHECK(sound.report->terminal_alpha == Approx(std::sqrt(0.9 * 0.8)));
  // The faulty array is set aside, and the family still is a schedule.
  const ScheduleVerdict faulty = judged(R"({"family": "linear", "T": 2, "snr": [1, -1]})");
  CHECK_FALSE(faulty.sound());
  CHECK(faulty.report);
  CHECK_THAT(faulty.findings.at(0), Contains("snr[1] (t = 2)"));
  CHECK_FALSE(judged(R"({"betas": [2]})").report);  // nothing is left
  const ScheduleVerdict odd =
      judged(R"({"family": "linear", "T": 2, "alphas_cumprod": [0.9, 0.8]})");
  CHECK_THAT(odd.findings.at(0), Contains("where linear gives"));
  CHECK_THROWS_WITH(judged(R"({"process": "ve"})"), Contains("test: not a schedule"));
}

TEST_CASE("a verdict on a configuration of diffusers is one on what it becomes", "[schedule]") {
  const Json config = {{"_class_name", "DDIMScheduler"}, {"num_train_timesteps", 10}};
  const ScheduleVerdict verdict = judge_file(config, "c.json");
  CHECK(verdict.sound());
  CHECK(verdict.notes.at(0) ==
        "c.json: does not say beta_schedule, beta_start, beta_end; taken as the defaults of "
        "DDIMScheduler");
  CHECK(verdict.report->terminal_snr == judge_named("linear", 10).report->terminal_snr);
}

TEST_CASE("what sampling meets at the end is noted", "[schedule]") {
  CHECK(check_schedule(make_schedule("linear")).notes.empty());
  CHECK_THAT(check_schedule(make_schedule("flow")).notes.at(0), Contains("zero SNR"));
  // Lin et al. 2023, Sec. 2: Stable Diffusion's last SNR is 0.004682.
  CHECK_THAT(check_schedule(make_schedule("scaled-linear")).notes.at(0), Contains("SNR 0.00468"));
}
