// Reads a configuration of diffusers without dropping any of its keys.
#pragma once
#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion::diffusers {

/// What belongs to sampling, prediction or training, in any of the classes: configurations
/// carry keys of other classes along, which diffusers passes over. The last three are of
/// its first releases.
inline constexpr std::string_view sampling_keys[] = {"prediction_type",
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
                                                     "snr",
                                                     "sampling_eps",
                                                     "correct_steps",
                                                     "predict_epsilon",
                                                     "tensor_format",
                                                     "timestep_values"};

/// What may describe the schedule, by the class; where it does not, it is kept.
inline constexpr std::string_view schedule_keys[] = {"num_train_timesteps",
                                                     "beta_schedule",
                                                     "beta_start",
                                                     "beta_end",
                                                     "trained_betas",
                                                     "rescale_betas_zero_snr",
                                                     "snr_shift_scale",
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
class ConfigReader {
 public:
  ConfigReader(const Json& config, std::string culprit)
      : left_(config), culprit_(std::move(culprit)) {
    for (const auto& [key, value] : config.items())
      if (!key.starts_with('_') && !among(sampling_keys, key) && !among(schedule_keys, key))
        fail(key, "is not a setting of any scheduler" + suggestion(key));
    left_.erase("_class_name");
    one_of("prediction_type", {"epsilon", "sample", "v_prediction", "flow_prediction"});
    one_of("timestep_spacing", {"leading", "trailing", "linspace"});
    one_of("timestep_type", {"discrete", "continuous"});
  }

  /// Refuses what diffusers would not run with, of the settings that are kept.
  void one_of(const std::string& key, std::initializer_list<const char*> values) const {
    if (!left_.contains(key) || left_[key].is_null()) return;
    const auto given = [&](const char* value) { return left_[key] == value; };
    if (std::ranges::none_of(values, given))
      fail(key, shown(left_[key]) + " (has: " +
                    join(std::vector<std::string>(values.begin(), values.end()), ", ") + ")");
  }

  double number(const std::string& key, double fallback) {
    const Json value = take(key);
    return value.is_null() ? fallback : at(value, key).number();
  }

  bool flag(const std::string& key) {
    const Json value = take(key);
    return !value.is_null() && at(value, key).flag();
  }

  std::string text(const std::string& key, std::string_view fallback) {
    const Json value = take(key);
    return value.is_null() ? std::string(fallback) : at(value, key).text();
  }

  std::vector<double> numbers(const std::string& key) {
    const Json value = take(key);
    return value.is_null() ? std::vector<double>{} : at(value, key).numbers();
  }

  int steps(int usual = default_steps) {
    note_defaults({"num_train_timesteps"});
    const double given = number("num_train_timesteps", usual);
    if (!(given >= 1 && given <= max_steps && given == std::floor(given)))
      fail("num_train_timesteps", "must be a whole number in 1.." + std::to_string(max_steps));
    return int(given);
  }

  /// Remembers which of `keys`, not read yet, the configuration leaves to its class.
  void note_defaults(std::initializer_list<std::string> keys) {
    for (const std::string& key : keys)
      if (!has(key)) defaults_.push_back(key);
  }
  void note(const std::string& what) { notes_.push_back(culprit_ + ": " + what); }

  /// What was taken for granted of a configuration of `class_name`.
  std::vector<std::string> notes(const std::string& class_name) const {
    std::vector<std::string> all = notes_;
    if (!defaults_.empty())
      all.push_back(culprit_ + ": does not say " + join(defaults_, ", ") +
                    "; taken as the defaults of " + class_name);
    return all;
  }

  bool has(const std::string& key) const { return left_.contains(key) && !left_[key].is_null(); }
  bool is_set(const std::string& key) const { return has(key) && left_[key] == true; }
  bool says(const std::string& key, const char* value) const {
    return has(key) && left_[key] == value;
  }
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

  JsonAt at(const Json& value, const std::string& key) const { return {value, culprit_, key}; }

  Json take(const std::string& key) {
    if (!left_.contains(key)) return nullptr;
    Json value = left_[key];
    left_.erase(key);
    return value;
  }

  Json left_;
  std::string culprit_;
  std::vector<std::string> defaults_, notes_;
};

}  // namespace diffusion::diffusers
