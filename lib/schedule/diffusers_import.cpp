#include <algorithm>
#include <cmath>
#include <map>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/diffusers_classes.hpp"
#include "lib/schedule/diffusers_config.hpp"
#include "lib/schedule/transform.hpp"

namespace diffusion {
namespace {

using namespace diffusers;

/// What belongs to sampling, prediction or training, in any of the classes: configurations
/// carry keys of other classes along, which diffusers passes over. The last three are of
/// its first releases.
constexpr std::string_view sampling_keys[] = {"prediction_type",
                                              "variance_type",
                                              "clip_sample",
                                              "clip_sample_range",
                                              "thresholding",
                                              "dynamic_thresholding_ratio",
                                              "sample_max_value",
                                              "timestep_spacing",
                                              "steps_offset",
                                              "set_alpha_to_one",
                                              "skip_prk_steps",
                                              "solver_order",
                                              "algorithm_type",
                                              "solver_type",
                                              "lower_order_final",
                                              "euler_at_final",
                                              "use_karras_sigmas",
                                              "use_exponential_sigmas",
                                              "use_beta_sigmas",
                                              "use_lu_lambdas",
                                              "final_sigmas_type",
                                              "lambda_min_clipped",
                                              "time_shift_type",
                                              "predict_x0",
                                              "disable_corrector",
                                              "solver_p",
                                              "interpolation_type",
                                              "timestep_type",
                                              "original_inference_steps",
                                              "timestep_scaling",
                                              "predictor_order",
                                              "corrector_order",
                                              "tau_func",
                                              "noise_sampler_seed",
                                              "sigma_data",
                                              "base_shift",
                                              "max_shift",
                                              "base_image_seq_len",
                                              "max_image_seq_len",
                                              "shift_terminal",
                                              "stochastic_sampling",
                                              "scale_factors",
                                              "upscale_mode",
                                              "predict_epsilon",
                                              "tensor_format",
                                              "timestep_values"};

/// What may describe the schedule, by the class; where it does not, it is kept.
constexpr std::string_view schedule_keys[] = {"num_train_timesteps",
                                              "beta_schedule",
                                              "beta_start",
                                              "beta_end",
                                              "trained_betas",
                                              "rescale_betas_zero_snr",
                                              "use_flow_sigmas",
                                              "flow_shift",
                                              "use_dynamic_shifting",
                                              "shift",
                                              "invert_sigmas",
                                              "sigma_min",
                                              "sigma_max",
                                              "rho",
                                              "sigma_schedule"};

/// A configuration being read: what is asked for describes the schedule, what is left
/// over is kept.
class Reader {
 public:
  Reader(const Json& config, std::string culprit) : left_(config), culprit_(std::move(culprit)) {
    for (const auto& [key, value] : config.items())
      if (!key.starts_with('_') && !among(sampling_keys, key) && !among(schedule_keys, key))
        fail(key, "is no setting of any scheduler" + suggestion(key));
    left_.erase("_class_name");
  }

  double number(const std::string& key, double fallback) {
    const Json value = take(key);
    return value.is_null() ? fallback : number_from_json(value, culprit_ + ": " + key);
  }

  bool flag(const std::string& key) {
    const Json value = take(key);
    if (!value.is_null() && !value.is_boolean()) fail(key, "must be true or false");
    return value.is_boolean() && value.get<bool>();
  }

  std::string text(const std::string& key, std::string_view fallback) {
    const Json value = take(key);
    if (!value.is_null() && !value.is_string()) fail(key, "must be a text");
    return value.is_string() ? value.get<std::string>() : std::string(fallback);
  }

  std::vector<double> numbers(const std::string& key) {
    const Json value = take(key);
    if (!value.is_null() && (!value.is_array() || value.empty()))
      fail(key, "must be an array of numbers");
    std::vector<double> list;
    for (const Json& each : value.is_null() ? Json::array() : value)
      list.push_back(
          number_from_json(each, culprit_ + ": " + key + "[" + std::to_string(list.size()) + "]"));
    return list;
  }

  int steps() {
    const double given = number("num_train_timesteps", default_steps);
    if (!(given >= 1 && given <= max_steps && given == std::floor(given)))
      fail("num_train_timesteps", "must be a whole number in 1.." + std::to_string(max_steps));
    return int(given);
  }

  bool has(const std::string& key) const { return left_.contains(key) && !left_[key].is_null(); }
  bool is_set(const std::string& key) const { return has(key) && left_[key] == true; }
  const Json& left() const { return left_; }
  const std::string& culprit() const { return culprit_; }

  [[noreturn]] void fail(const std::string& key, const std::string& why) const {
    throw Error(culprit_ + ": " + key + " " + why);
  }

 private:
  static std::string suggestion(const std::string& key) {
    std::vector<std::string> known(std::begin(sampling_keys), std::end(sampling_keys));
    known.insert(known.end(), std::begin(schedule_keys), std::end(schedule_keys));
    const auto meant = nearest(key, known);
    return meant ? " (did you mean " + *meant + "?)" : " that is known here";
  }

  template <class Keys>
  static bool among(const Keys& keys, const std::string& key) {
    return std::ranges::find(keys, key) != std::end(keys);
  }

  Json take(const std::string& key) {
    if (!left_.contains(key)) return nullptr;
    Json value = left_[key];
    left_.erase(key);
    return value;
  }

  Json left_;
  std::string culprit_;
};

using Given = std::map<std::string, std::string>;

Schedule family(const Reader& reader, const std::string& name, const Given& given, int steps) {
  try {
    return make_schedule(Params(name, given), steps);
  } catch (const Error& e) {
    throw Error(reader.culprit() + ": " + e.what());
  }
}

Schedule by_formula(Reader& reader, const Class& row, int steps) {
  const std::string theirs = reader.text("beta_schedule", row.betas.schedule);
  const double start = reader.number("beta_start", row.betas.start);
  const double end = reader.number("beta_end", row.betas.end);
  const auto formula = std::ranges::find(formulas, theirs, &Formula::theirs);
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

Schedule by_betas(Reader& reader, std::vector<double> betas, int steps) {
  if (steps != int(betas.size()))
    reader.fail("num_train_timesteps", "is " + std::to_string(steps) + " where trained_betas has " +
                                           std::to_string(betas.size()) + " entries");
  try {
    return from_betas(std::move(betas));
  } catch (const Error& e) {
    throw Error(reader.culprit() + ": trained_" + e.what());
  }
}

Schedule variance_preserving(Reader& reader, const Class& row) {
  const int steps = reader.steps();
  std::vector<double> betas = reader.numbers("trained_betas");
  Schedule made =
      betas.empty() ? by_formula(reader, row, steps) : by_betas(reader, std::move(betas), steps);
  if (!reader.flag("rescale_betas_zero_snr")) return made;
  Schedule rescaled = with_zero_terminal_snr(made);
  note_origin(rescaled, made, "zero-snr");
  return rescaled;
}

Schedule straight(Reader& reader, const std::string& shift_key) {
  if (reader.flag("invert_sigmas")) reader.fail("invert_sigmas", "true: no schedule here runs so");
  const int steps = reader.steps();
  // A dynamic shift is chosen by the size of each image, when it is sampled.
  const bool dynamic = reader.is_set("use_dynamic_shifting");
  const double shift = dynamic ? 1 : reader.number(shift_key, 1);
  Schedule made = family(reader, "flow", {{"shift", shortest(shift)}}, steps);
  for (NoiseLevel& level : made.levels) level.timestep = steps * level.sigma;
  return made;
}

// Karras et al. 2022, Table 1: the network is handed c_noise = ln(sigma)/4.
Schedule edm(Reader& reader) {
  const int steps = reader.steps();
  Given given{{"sigma_min", shortest(reader.number("sigma_min", 0.002))},
              {"sigma_max", shortest(reader.number("sigma_max", 80))}};
  const std::string spacing = reader.text("sigma_schedule", "karras");
  if (spacing != "karras" && spacing != "exponential")
    reader.fail("sigma_schedule", "'" + spacing + "' is not known (have: karras, exponential)");
  if (spacing == "karras") given["rho"] = shortest(reader.number("rho", 7));
  Schedule made = family(reader, spacing == "karras" ? "karras" : "ve", given, steps);
  for (NoiseLevel& level : made.levels) level.timestep = std::log(level.sigma) / 4;
  return made;
}

void refuse_foreign_settings(const Reader& reader, const Class& row) {
  for (const std::string setting : {"rescale_betas_zero_snr", "use_flow_sigmas"})
    if (reader.is_set(setting) && !has_setting(row, setting))
      reader.fail(setting, "is no setting of " + std::string(row.name));
  if (row.kind != Kind::flow && reader.has("shift"))
    reader.fail("shift", "is no setting of " + std::string(row.name));
}

Schedule read(Reader& reader, const Class& row) {
  refuse_foreign_settings(reader, row);
  if (row.kind == Kind::edm) return edm(reader);
  if (row.kind == Kind::flow) return straight(reader, "shift");
  return reader.flag("use_flow_sigmas") ? straight(reader, "flow_shift")
                                        : variance_preserving(reader, row);
}

}  // namespace

bool is_diffusers_config(const Json& json) {
  return json.is_object() && !json.contains("format") &&
         (json.contains("_class_name") || json.contains("num_train_timesteps"));
}

Schedule schedule_from_diffusers(const Json& config, const std::string& culprit) {
  if (!config.is_object() || !config.contains("_class_name") || !config["_class_name"].is_string())
    throw Error(culprit + ": not a configuration of a scheduler: it has no _class_name");
  const std::string name = config["_class_name"];
  const auto row = std::ranges::find(classes(), name, &Class::name);
  if (row == classes().end())
    throw Error(culprit + ": _class_name '" + name +
                "' is not known (have: " + join(diffusers_classes(), ", ") + ")");
  Reader reader(config, culprit);
  Schedule made = read(reader, *row);
  made.extra["diffusers"] = {{"class", name}, {"config", reader.left()}};
  return made;
}

std::vector<std::string> diffusers_classes() {
  std::vector<std::string> names;
  for (const Class& row : classes()) names.emplace_back(row.name);
  return names;
}

}  // namespace diffusion
