#include "lib/schedule/check.hpp"

#include <cmath>
#include <limits>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/exchange/diffusers_config.hpp"
#include "lib/schedule/exchange/foreign.hpp"
#include "lib/schedule/schedule_json.hpp"

namespace diffusion {
namespace {

std::string at_step(std::size_t index, const std::string& what) {
  return "t = " + std::to_string(index + 1) + ": " + what;
}

/// What a sampler meets at the last step.
std::vector<std::string> notes_on_end(const Schedule& schedule) {
  const NoiseLevel& last = schedule.levels.back();
  if (last.pure_noise())
    return {"ends at zero SNR: train on v or x0, since noise prediction cannot be inverted there"};
  const bool preserving = schedule.path == Path::variance_preserving;
  // Lin et al. 2023, Sec. 2: the leak of Stable Diffusion's schedule is 0.0047.
  if (preserving && last.snr() > 1e-3)
    return {"ends at SNR " + significant(last.snr(), 3) +
            ": sampling starts from more noise than training shows (zero-snr mends that)"};
  return {};
}

/// The arrays of a schedule file and the range of their entries.
struct EntryRange {
  const char* key;
  double low, high;
};

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double most = std::numeric_limits<double>::max();
constexpr EntryRange ranges[] = {
    {"betas", 0, 1},
    {"alphas", 0, 1},
    {"alphas_cumprod", 0, 1},
    {"sqrt_alphas_cumprod", 0, 1},
    {"sqrt_one_minus_alphas_cumprod", 0, 1},
    {"posterior_variance", 0, 1},
    {"sigmas", 0, most},
    {"snr", 0, inf},
    {"timesteps", -most, most},
};

double highest(const EntryRange& range, const Json& file) {
  const bool flow = file.contains("process") && file["process"] == "flow";
  return flow && range.key == std::string("sigmas") ? 1 : range.high;
}

std::string in_words(const Json& value) {
  return value.is_number() ? shortest(number_from_json(value, "")) : shown(value);
}

/// What is wrong with entry `i` of an array by itself and after its neighbour, or "".
std::string fault_of_entry(const EntryRange& range, const Json& file, std::size_t i) {
  const Json& array = file[range.key];
  double value = 0;
  try {
    value = number_from_json(array[i], "entry");
  } catch (const Error&) {
    return in_words(array[i]) + " is not a number";
  }
  if (std::isnan(value)) return "is not a number (NaN)";
  const double high = highest(range, file);
  if (value < range.low || value > high)
    return shortest(value) + (high >= most ? " is not a finite positive number"
                                           : " is outside [0, " + shortest(high) + "]");
  const std::string key = range.key;
  const bool last = i + 1 == array.size();
  if (key == "betas" && value == 1 && !last) return "1 is allowed at the last step only";
  const bool follows = i > 0 && array[i - 1].is_number();
  if (key == "alphas_cumprod" && follows && value > number_from_json(array[i - 1], ""))
    return shortest(value) + " rises after " + in_words(array[i - 1]);
  return "";
}

/// A line each, but only the first few of many.
std::vector<std::string> faults_of_entries(const EntryRange& range, const Json& file) {
  constexpr std::size_t enough = 5;
  std::vector<std::string> lines;
  std::size_t more = 0;
  for (std::size_t i = 0; i < file[range.key].size(); ++i) {
    const std::string fault = fault_of_entry(range, file, i);
    if (fault.empty()) continue;
    if (lines.size() < enough)
      lines.push_back(std::string(range.key) + "[" + std::to_string(i) +
                      "] (t = " + std::to_string(i + 1) + "): " + fault);
    else
      ++more;
  }
  if (more > 0) lines.push_back(std::string(range.key) + ": and " + std::to_string(more) + " more");
  return lines;
}

}  // namespace

std::vector<ArrayFaults> array_faults(const Json& file) {
  std::vector<ArrayFaults> faults;
  std::string first;  // the array that says how long all are
  for (const EntryRange& range : ranges) {
    if (!file.is_object() || !file.contains(range.key)) continue;
    const Json& array = file[range.key];
    const std::string key = range.key;
    if (!array.is_array() || array.empty()) {
      faults.push_back({key, {key + ": not an array of numbers"}});
      continue;
    }
    if (first.empty()) first = key;
    auto lines = faults_of_entries(range, file);
    if (array.size() != file[first].size())
      lines.push_back(key + " has " + std::to_string(array.size()) + " entries where " + first +
                      " has " + std::to_string(file[first].size()));
    if (!lines.empty()) faults.push_back({key, std::move(lines)});
  }
  return faults;
}

ScheduleReport check_schedule(const Schedule& schedule) {
  const NoiseLevel& last = schedule.levels.back();
  ScheduleReport report{.terminal_alpha = last.alpha,
                        .terminal_snr = last.alpha * last.alpha / (last.sigma * last.sigma),
                        .terminal_kl = -std::log(last.sigma),
                        .eps_gain = 1 / last.alpha,
                        .notes = notes_on_end(schedule),
                        .findings = {}};
  // The KL of N(alpha x0, sigma^2) to N(0, 1) with x0^2 = 1 is
  // (alpha^2 + sigma^2 - 1)/2 - log sigma: the first part is 0 where variance is preserved.
  report.terminal_kl += (last.alpha * last.alpha + last.sigma * last.sigma - 1) / 2;
  if (schedule.levels.front().clean())
    report.findings.push_back(at_step(0, "adds no noise (beta = 0)"));
  for (std::size_t i = 1; i < schedule.levels.size(); ++i) {
    const NoiseLevel &before = schedule.levels[i - 1], &now = schedule.levels[i];
    if (!(now.lambda < before.lambda))
      report.findings.push_back(at_step(i, "noise does not rise: log_snr " +
                                               significant(2 * now.lambda, 6) + " after " +
                                               significant(2 * before.lambda, 6)));
    if (!(now.timestep > before.timestep))
      report.findings.push_back(at_step(i, "timestep " + significant(now.timestep, 9) + " after " +
                                               significant(before.timestep, 9)));
  }
  return report;
}

ScheduleVerdict judge(const Schedule& schedule) {
  ScheduleReport report = check_schedule(schedule);
  std::vector<std::string> findings = report.findings;
  return {std::move(report), std::move(findings), schedule.notes};
}

ScheduleVerdict judge_file(Json file, const std::string& culprit) {
  if (is_diffusers_config(file)) return judge(schedule_from_diffusers(file, culprit));
  std::vector<std::string> faults;
  for (auto& [key, lines] : array_faults(file)) {
    faults.insert(faults.end(), lines.begin(), lines.end());
    file.erase(key);
  }
  ScheduleVerdict verdict;
  try {
    const Schedule schedule = defined_schedule(file, culprit);
    verdict = judge(schedule);
    for (auto& line : contradictions(schedule, file)) verdict.findings.push_back(std::move(line));
  } catch (const Error&) {
    if (faults.empty()) throw;
  }
  verdict.findings.insert(verdict.findings.begin(), faults.begin(), faults.end());
  return verdict;
}

ScheduleVerdict judge_named(const std::string& spec, int steps) {
  if (!names_schedule_file(spec)) return judge(load_schedule(spec, steps));
  const std::string path = schedule_file(spec);
  return judge_file(read_json(path), path == "-" ? "standard input" : path);
}

}  // namespace diffusion
