#include "lib/schedule/schedule_json.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/number_list.hpp"
#include "lib/schedule/transition.hpp"

namespace diffusion {
namespace {

constexpr const char* format_name = "diffusion-schedule";
constexpr int format_version = 1;
constexpr double agreement = 1e-4;  // relative, of arrays that are given twice

/// One array of the file: its key and its value at a step.
struct FileArray {
  const char* key;
  double (*value)(const Schedule&, std::size_t index);
};

double alpha_bar(const Schedule& s, std::size_t i) { return s.levels[i].alpha * s.levels[i].alpha; }

double snr(const Schedule& s, std::size_t i) {
  const NoiseLevel& level = s.levels[i];
  return (level.alpha * level.alpha) / (level.sigma * level.sigma);
}

double posterior_variance(const Schedule& s, std::size_t i) {
  return posterior_step(s.levels[i], s.at(std::int64_t(i))).variance;
}

std::vector<FileArray> columns(Path path) {
  if (path != Path::variance_preserving)
    return {{"sigmas", [](const Schedule& s, std::size_t i) { return s.levels[i].sigma; }},
            {"snr", snr}};
  return {
      {"betas", [](const Schedule& s, std::size_t i) { return s.betas[i]; }},
      {"alphas", [](const Schedule& s, std::size_t i) { return 1 - s.betas[i]; }},
      {"alphas_cumprod", alpha_bar},
      {"sqrt_alphas_cumprod", [](const Schedule& s, std::size_t i) { return s.levels[i].alpha; }},
      {"sqrt_one_minus_alphas_cumprod",
       [](const Schedule& s, std::size_t i) { return s.levels[i].sigma; }},
      {"snr", snr},
      {"posterior_variance", posterior_variance},
  };
}

std::vector<double> numbers(const Json& json, const std::string& key, const std::string& culprit) {
  const JsonAt array = JsonAt(json, culprit)[key];
  if (array.json().size() > std::size_t(max_steps))
    throw Error(culprit + ": " + key + " has " + std::to_string(array.json().size()) +
                " entries where a schedule has at most " + std::to_string(max_steps));
  return array.numbers();
}

std::map<std::string, std::string> params_from_json(const Json& params,
                                                    const std::string& culprit) {
  std::map<std::string, std::string> given;
  for (const auto& [key, value] : params.items()) {
    const auto refuse = [&, name = key](const char* why) {
      throw Error(culprit + ": params." + name + why);
    };
    if (!value.is_number() && !value.is_string()) refuse(" must be a number or a string");
    given[key] = value.is_string() ? JsonAt(value, culprit).text() : one_line(value);
    const bool list = (key == "log_snr" || key == "at") && value.is_string() && value != "even";
    if (list && !is_in_place(given[key]))
      refuse(" must be numbers, since a schedule file leads to no other file");
  }
  return given;
}

Schedule from_family(const Json& json, const std::string& culprit) {
  const JsonAt file(json, culprit);
  const auto params = file.find("params");
  int steps = 0;
  if (json.contains("T")) {
    const double given = file["T"].number();
    if (!(given == std::floor(given) && given >= 1 && given <= max_steps))
      file["T"].refuse("a whole number from 1 to " + std::to_string(max_steps));
    steps = int(given);
  } else {
    for (const char* key : {"betas", "sigmas", "timesteps"})
      if (json.contains(key) && json[key].is_array() && steps == 0)
        steps = int(std::min(json[key].size(), std::size_t(max_steps) + 1));
  }
  Params given(file["family"].text(),
               params_from_json(params ? params->object() : Json::object(), culprit));
  try {
    return make_schedule(std::move(given), steps);
  } catch (const Error& e) {
    throw Error(culprit + ": " + e.what());
  }
}

Schedule from_arrays(const Json& json, const std::string& culprit) {
  const auto said = JsonAt(json, culprit).find("process");
  const std::string process = said ? said->text() : "vp";
  try {
    if (process == "vp" && json.contains("betas"))
      return from_betas(numbers(json, "betas", culprit));
    if (process == "vp" && json.contains("alphas_cumprod"))
      return from_alpha_bars(numbers(json, "alphas_cumprod", culprit));
    if ((process == "ve" || process == "flow") && json.contains("sigmas"))
      return from_sigmas(path_named(process, culprit), numbers(json, "sigmas", culprit));
  } catch (const Error& e) {
    const std::string why = e.what();
    throw Error(why.starts_with(culprit) ? why : culprit + ": " + why);
  }
  path_named(process, culprit);
  throw Error(culprit + ": not a schedule: it has neither a family nor " +
              (process == "vp" ? "betas nor alphas_cumprod" : "sigmas"));
}

void check_header(const Json& json, const std::string& culprit) {
  if (!json.is_object()) throw Error(culprit + ": not a schedule: not a JSON object");
  if (json.contains("format") && json["format"] != format_name)
    throw Error(culprit + ": format is " + shown(json["format"]) + ", not \"" + format_name + "\"");
  if (json.contains("version") && json["version"] != format_version)
    throw Error(culprit + ": version " + shown(json["version"]) +
                " of the schedule format is not known here (known: 1)");
  for (const char* key : {"family", "process"})
    if (json.contains(key)) JsonAt(json, culprit)[key].text();
}

/// The first place where `given` and the schedule differ, described.
std::optional<std::string> first_difference(const Schedule& schedule, const FileArray& column,
                                            const Json& given) {
  const std::string key = column.key;
  if (!given.is_array() || given.size() != schedule.levels.size())
    return key + " has " + std::to_string(given.size()) + " entries where T is " +
           std::to_string(schedule.steps());
  const std::vector<double> values = JsonAt(given, "", key).numbers();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double got = values[i], want = column.value(schedule, i);
    const bool agree = got == want || std::abs(got - want) <= agreement * std::abs(want);
    if (!agree)
      return key + "[" + std::to_string(i) + "] (t = " + std::to_string(i + 1) +
             "): " + significant(got, 4) + " where " + schedule.family + " gives " +
             significant(want, 4);
  }
  return std::nullopt;
}

}  // namespace

Json schedule_to_json(const Schedule& schedule) {
  Json json = {{"format", format_name},
               {"version", format_version},
               {"family", schedule.family},
               {"params", schedule.params},
               {"process", path_name(schedule.path)},
               {"T", schedule.steps()}};
  Json timesteps = Json::array();
  for (const NoiseLevel& level : schedule.levels) {
    const double t = level.timestep;
    const bool whole = t == std::floor(t) && std::abs(t) < 0x1p53;
    timesteps.push_back(whole ? Json(std::int64_t(t)) : number_to_json(t));
  }
  json["timesteps"] = std::move(timesteps);
  for (const FileArray& column : columns(schedule.path)) {
    Json values = Json::array();
    for (std::size_t i = 0; i < schedule.levels.size(); ++i)
      values.push_back(number_to_json(column.value(schedule, i)));
    json[column.key] = std::move(values);
  }
  for (const auto& [key, value] : schedule.extra.items()) json[key] = value;
  return json;
}

bool defines_schedule(const Json& json) {
  constexpr const char* keys[] = {"format", "family", "betas", "alphas_cumprod", "sigmas"};
  return std::ranges::any_of(keys, [&](const char* key) { return json.contains(key); });
}

Schedule defined_schedule(const Json& json, const std::string& culprit) {
  check_header(json, culprit);
  const bool by_family = json.contains("family") && json["family"] != "custom";
  Schedule made = by_family ? from_family(json, culprit) : from_arrays(json, culprit);
  if (json.contains("timesteps")) {
    const auto given = numbers(json, "timesteps", culprit);
    if (given.size() != made.levels.size())
      throw Error(culprit + ": timesteps has " + std::to_string(given.size()) +
                  " entries where T is " + std::to_string(made.steps()));
    for (std::size_t i = 0; i < given.size(); ++i) made.levels[i].timestep = given[i];
  }
  const auto own = columns(made.path);
  for (const auto& [key, value] : json.items()) {
    const auto named = [&name = key](const FileArray& c) { return name == c.key; };
    const bool known = std::ranges::any_of(own, named);
    const bool header = key == "format" || key == "version" || key == "family" || key == "params" ||
                        key == "process" || key == "T" || key == "timesteps";
    if (!known && !header) made.extra[key] = value;
  }
  return made;
}

std::vector<std::string> contradictions(const Schedule& schedule, const Json& json) {
  std::vector<std::string> found;
  if (json.contains("process") && json["process"] != path_name(schedule.path))
    found.push_back("process is " + shown(json["process"]) + " where " + schedule.family +
                    " gives \"" + path_name(schedule.path) + "\"");
  if (json.contains("T") && json["T"] != schedule.steps())
    found.push_back("T is " + shown(json["T"]) + " where the arrays have " +
                    std::to_string(schedule.steps()) + " entries");
  for (const FileArray& column : columns(schedule.path)) {
    if (!json.contains(column.key)) continue;
    try {
      auto difference = first_difference(schedule, column, json[column.key]);
      if (difference) found.push_back(std::move(*difference));
    } catch (const Error& e) {  // an entry that is no number
      found.push_back(e.what());
    }
  }
  return found;
}

Schedule schedule_from_json(const Json& json, const std::string& culprit) {
  Schedule made = defined_schedule(json, culprit);
  const auto found = contradictions(made, json);
  if (!found.empty()) throw Error(culprit + ": " + found.front());
  return made;
}

}  // namespace diffusion
