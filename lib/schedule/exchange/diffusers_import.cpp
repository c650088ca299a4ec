#include <algorithm>
#include <cmath>
#include <map>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/exchange/diffusers_classes.hpp"
#include "lib/schedule/exchange/diffusers_config.hpp"
#include "lib/schedule/exchange/diffusers_reader.hpp"
#include "lib/schedule/exchange/foreign.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "lib/schedule/transform.hpp"

namespace diffusion {
namespace {

using namespace diffusers;

using Given = std::map<std::string, std::string>;

Schedule family(const ConfigReader& reader, const std::string& name, const Given& given,
                int steps) {
  try {
    return make_schedule(Params(name, given), steps);
  } catch (const Error& e) {
    throw Error(reader.culprit() + ": " + e.what());
  }
}

Schedule by_formula(ConfigReader& reader, const Class& row, int steps) {
  reader.note_defaults({"beta_schedule"});
  const std::string theirs = reader.text("beta_schedule", row.betas.schedule);
  const auto formula = std::ranges::find(formulas, theirs, &Formula::theirs);
  if (formula != std::end(formulas) && formula->has_ends)
    reader.note_defaults({"beta_start", "beta_end"});
  const double start = reader.number("beta_start", row.betas.start);
  const double end = reader.number("beta_end", row.betas.end);
  if (formula == std::end(formulas))
    reader.fail("beta_schedule", "'" + theirs +
                                     "' is not known (have: linear, scaled_linear, sigmoid, "
                                     "squaredcos_cap_v2, laplace, exp)");
  if (!formula->common && !has_setting(row, theirs))
    reader.fail("beta_schedule", "'" + theirs + "' is none that " + std::string(row.name) + " has");
  Given given;
  if (formula->has_ends) given = {{"beta_start", shortest(start)}, {"beta_end", shortest(end)}};
  if (theirs == "sigmoid") given["points"] = "linspace";
  return family(reader, std::string(formula->ours), given, steps);
}

Schedule by_betas(ConfigReader& reader, std::vector<double> betas, int steps) {
  if (steps != int(betas.size()))
    reader.fail("num_train_timesteps", "is " + std::to_string(steps) + " where trained_betas has " +
                                           std::to_string(betas.size()) + " entries");
  try {
    return from_betas(std::move(betas));
  } catch (const Error& e) {
    throw Error(reader.culprit() + ": trained_" + e.what());
  }
}

Schedule at_zero_snr(const Schedule& made) {
  Schedule rescaled = with_zero_terminal_snr(made);
  note_origin(rescaled, made, "zero-snr");
  return rescaled;
}

/// CogVideoX: every SNR is divided by that scale.
Schedule less_snr(ConfigReader& reader, Schedule made) {
  reader.note_defaults({"snr_shift_scale"});
  const double scale = reader.number("snr_shift_scale", 3);
  if (!(scale > 0)) reader.fail("snr_shift_scale", "must be positive");
  if (scale == 1) return made;
  Schedule shift = shifted(made, -std::log(scale));
  note_origin(shift, made, "snr_shift_scale=" + shortest(scale));
  return shift;
}

/// The network is handed ln(sigma)/4, as EDM's are, of sigma/alpha.
void take_continuous_times(const ConfigReader& reader, Schedule& made) {
  for (NoiseLevel& level : made.levels) {
    if (level.pure_noise()) reader.fail("timestep_type", "continuous: pure noise has no such time");
    level.timestep = std::log(level.ve_sigma()) / 4;
  }
}

Schedule variance_preserving(ConfigReader& reader, const Class& row) {
  const int steps = reader.steps();
  std::vector<double> betas = reader.numbers("trained_betas");
  Schedule made =
      betas.empty() ? by_formula(reader, row, steps) : by_betas(reader, std::move(betas), steps);
  if (has_setting(row, "snr_shift_scale")) made = less_snr(reader, std::move(made));
  if (reader.flag("rescale_betas_zero_snr")) made = at_zero_snr(made);
  if (has_setting(row, "timestep_type") && reader.says("timestep_type", "continuous"))
    take_continuous_times(reader, made);
  return made;
}

Schedule straight(ConfigReader& reader, const std::string& shift_key) {
  if (reader.flag("invert_sigmas")) reader.fail("invert_sigmas", "true: no schedule here runs so");
  const int steps = reader.steps();
  // A dynamic shift is chosen by the size of each image, when it is sampled.
  const bool dynamic = reader.is_set("use_dynamic_shifting");
  if (dynamic)
    reader.note("use_dynamic_shifting chooses a shift by the size of each image; taken for 1");
  else
    reader.note_defaults({shift_key});
  const double shift = dynamic ? 1 : reader.number(shift_key, 1);
  Schedule made = family(reader, "flow", {{"shift", shortest(shift)}}, steps);
  for (NoiseLevel& level : made.levels) level.timestep = steps * level.sigma;
  return made;
}

// Karras et al. 2022, Table 1: the network is handed c_noise = ln(sigma)/4.
Schedule edm(ConfigReader& reader) {
  const int steps = reader.steps();
  reader.note_defaults({"sigma_min", "sigma_max", "sigma_schedule"});
  Given given{{"sigma_min", shortest(reader.number("sigma_min", 0.002))},
              {"sigma_max", shortest(reader.number("sigma_max", 80))}};
  const std::string spacing = reader.text("sigma_schedule", "karras");
  if (spacing != "karras" && spacing != "exponential")
    reader.fail("sigma_schedule", "'" + spacing + "' is not known (have: karras, exponential)");
  if (spacing == "karras") reader.note_defaults({"rho"});
  if (spacing == "karras") given["rho"] = shortest(reader.number("rho", 7));
  Schedule made = family(reader, spacing == "karras" ? "karras" : "ve", given, steps);
  for (NoiseLevel& level : made.levels) level.timestep = std::log(level.sigma) / 4;
  return made;
}

/// Sigmas are of images in [0, 1], and those here in [-1, 1]: twice as large. The network is handed
/// the former.
Schedule ncsn(ConfigReader& reader) {
  const int steps = reader.steps(2000);
  reader.note_defaults({"sigma_min", "sigma_max"});
  const Given given{{"sigma_min", shortest(2 * reader.number("sigma_min", 0.01))},
                    {"sigma_max", shortest(2 * reader.number("sigma_max", 1348))}};
  Schedule made = family(reader, "ve", given, steps);
  for (NoiseLevel& level : made.levels) level.timestep = level.sigma / 2;
  return made;
}

void refuse_foreign_settings(const ConfigReader& reader, const Class& row) {
  for (const std::string setting : {"rescale_betas_zero_snr", "use_flow_sigmas"})
    if (reader.is_set(setting) && !has_setting(row, setting))
      reader.fail(setting, "is not a setting of " + std::string(row.name));
  if (!has_setting(row, "snr_shift_scale") && reader.has("snr_shift_scale"))
    reader.fail("snr_shift_scale", "is not a setting of " + std::string(row.name));
  if (row.kind != Kind::flow && reader.has("shift"))
    reader.fail("shift", "is not a setting of " + std::string(row.name));
}

Schedule read(ConfigReader& reader, const Class& row) {
  refuse_foreign_settings(reader, row);
  if (row.kind == Kind::edm) return edm(reader);
  if (row.kind == Kind::ncsn) return ncsn(reader);
  if (row.kind == Kind::flow) return straight(reader, "shift");
  return reader.flag("use_flow_sigmas") ? straight(reader, "flow_shift")
                                        : variance_preserving(reader, row);
}

}  // namespace

namespace {

void refuse_known(const std::string& class_name, const std::string& culprit) {
  const auto row = std::ranges::find(refusals, class_name, &Refusal::name);
  if (row != std::end(refusals))
    throw Error(culprit + ": _class_name '" + class_name + "' is not read here: it " +
                std::string(row->why));
}

/// Configurations of diffusers that are not a scheduler's.
void refuse_other_parts(const std::string& class_name, const std::string& culprit) {
  if (class_name.ends_with("Pipeline"))
    throw Error(culprit + ": is the index of a pipeline (" + class_name +
                "), not a schedule; name its folder, or its scheduler/" + diffusers_config_name);
  if (class_name.find("Model") != class_name.npos)
    throw Error(culprit + ": is the configuration of a network (" + class_name +
                "), not a schedule");
}

}  // namespace

bool is_diffusers_config(const Json& json) {
  return json.is_object() && !defines_schedule(json) &&
         (json.contains("_class_name") || json.contains("num_train_timesteps"));
}

Schedule schedule_from_diffusers(const Json& config, const std::string& culprit) {
  if (!config.is_object() || !config.contains("_class_name") || !config["_class_name"].is_string())
    throw Error(culprit + ": not a configuration of a scheduler: it has no _class_name");
  const std::string name = JsonAt(config, culprit)["_class_name"].text();
  const auto row = std::ranges::find(classes(), name, &Class::name);
  if (row == classes().end()) {
    refuse_known(name, culprit);
    refuse_other_parts(name, culprit);
  }
  if (row == classes().end())
    throw Error(culprit + ": _class_name '" + name +
                "' is not known (have: " + join(diffusers_classes(), ", ") + ")");
  ConfigReader reader(config, culprit);
  Schedule made = read(reader, *row);
  made.notes = reader.notes(name);
  made.extra["diffusers"] = {{"class", name}, {"config", reader.left()}};
  return made;
}

std::vector<std::string> diffusers_classes() {
  std::vector<std::string> names;
  for (const Class& row : classes()) names.emplace_back(row.name);
  return names;
}

}  // namespace diffusion
