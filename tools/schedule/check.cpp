#include "tools/schedule/check.hpp"

#include <iostream>
#include <optional>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/check.hpp"
#include "lib/schedule/schedule_json.hpp"

namespace diffusion::cli {
namespace {

/// Findings, and what follows from a schedule if one could be made.
struct Verdict {
  std::optional<ScheduleReport> report;
  std::vector<std::string> findings;
};

Verdict judge(const Schedule& schedule) {
  Verdict verdict{.report = check_schedule(schedule), .findings = {}};
  verdict.findings = verdict.report->findings;
  return verdict;
}

/// Arrays with faults of their own are set aside; the rest may still be a schedule.
Verdict judge_file(const std::string& path) {
  Json file = read_json(path);
  std::vector<std::string> faults;
  for (auto& [key, lines] : array_faults(file)) {
    faults.insert(faults.end(), lines.begin(), lines.end());
    file.erase(key);
  }
  Verdict verdict;
  try {
    const Schedule schedule = defined_schedule(file, path == "-" ? "standard input" : path);
    verdict = judge(schedule);
    for (auto& line : contradictions(schedule, file)) verdict.findings.push_back(std::move(line));
  } catch (const Error&) {
    if (faults.empty()) throw;
  }
  verdict.findings.insert(verdict.findings.begin(), faults.begin(), faults.end());
  return verdict;
}

Json to_json(const Verdict& verdict) {
  Json json = Json::object();
  if (const auto& report = verdict.report) {
    json = {{"terminal_alpha", number_to_json(report->terminal_alpha)},
            {"terminal_snr", number_to_json(report->terminal_snr)},
            {"terminal_kl_nats_per_dimension", number_to_json(report->terminal_kl)},
            {"eps_error_gain_at_T", number_to_json(report->eps_gain)},
            {"notes", report->notes}};
  }
  json["findings"] = verdict.findings;
  json["verdict"] = verdict.findings.empty() ? "sound" : "faulty";
  return json;
}

void print(const Json& json) {
  for (const auto& [key, value] : json.items()) {
    const std::string name = key == "notes" ? "note" : key == "findings" ? "finding" : key;
    for (const Json& each : value.is_array() ? value : Json::array({value}))
      std::cout << name << '\t'
                << (each.is_number() ? significant(each.get<double>(), 6) : each.get<std::string>())
                << '\n';
  }
}

}  // namespace

ExitCode check_one_schedule(const ScheduleOptions& options, bool json) {
  const Verdict verdict = names_schedule_file(options.input)
                              ? judge_file(options.input)
                              : judge(load_schedule(options.input, options.steps));
  const Json report = to_json(verdict);
  if (json)
    std::cout << to_text(report);
  else
    print(report);
  return verdict.findings.empty() ? done : partial;
}

}  // namespace diffusion::cli
