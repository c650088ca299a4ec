#include "tools/schedule/check.hpp"

#include <iostream>

#include "lib/base/json_at.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/check.hpp"

namespace diffusion::cli {
namespace {

Json to_json(const ScheduleVerdict& verdict) {
  Json json = Json::object();
  if (const auto& report = verdict.report) {
    json = {{"terminal_alpha", number_to_json(report->terminal_alpha)},
            {"terminal_snr", number_to_json(report->terminal_snr)},
            {"terminal_kl_nats_per_dimension", number_to_json(report->terminal_kl)},
            {"eps_error_gain_at_T", number_to_json(report->eps_gain)},
            {"notes", report->notes}};
  }
  json["findings"] = verdict.findings;
  json["verdict"] = verdict.sound() ? "sound" : "faulty";
  return json;
}

void print(const Json& json) {
  for (const auto& [key, value] : json.items()) {
    const std::string name = key == "notes" ? "note" : key == "findings" ? "finding" : key;
    for (const Json& each : value.is_array() ? value : Json::array({value}))
      std::cout << name << '\t'
                << (each.is_number() ? significant(number_from_json(each, key), 6)
                                     : JsonAt(each, key).text())
                << '\n';
  }
}

}  // namespace

ExitCode check_one_schedule(const ScheduleOptions& options, bool json) {
  const ScheduleVerdict verdict = judge_named(options.input, options.steps);
  for (const std::string& note : verdict.notes) options.say(note);
  const Json report = to_json(verdict);
  if (json)
    std::cout << to_text(report);
  else
    print(report);
  return verdict.sound() ? done : partial;
}

}  // namespace diffusion::cli
