// What to know about a schedule before training on it.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lib/schedule/schedule.hpp"

namespace diffusion {

struct ScheduleReport {
  double terminal_alpha, terminal_snr;
  double terminal_kl;                 // of x_T to N(0, I), nats a dimension, for x0^2 = 1
  double eps_gain;                    // 1/alpha_T: what a noise predictor's error becomes in x0
  std::vector<std::string> notes;     // what is no fault but good to know
  std::vector<std::string> findings;  // faults, a line each; none in a sound schedule
};

/// Looks for what breaks training or sampling: noise that does not rise from step
/// to step, a first level without noise, timesteps out of order.
ScheduleReport check_schedule(const Schedule& schedule);

/// What is wrong with the arrays of a schedule file one by one, before any schedule
/// is made of them: entries that are no numbers, NaN or out of range, alpha_bars that
/// rise, lengths that differ. Key of the array, and its faults, a line each.
struct ArrayFaults {
  std::string key;
  std::vector<std::string> lines;
};
std::vector<ArrayFaults> array_faults(const Json& file);

/// All that is wrong, and what follows from a schedule if one could be made.
struct ScheduleVerdict {
  std::optional<ScheduleReport> report = {};
  std::vector<std::string> findings = {};
  std::vector<std::string> notes = {};  // of the schedule's import

  bool sound() const { return findings.empty(); }
};

ScheduleVerdict judge(const Schedule& schedule);

/// A file's arrays with faults of their own are set aside; the rest may still be a schedule.
/// A configuration of diffusers is imported first. Throws Error, opened by `culprit`, where
/// there is neither a schedule nor a fault to tell.
ScheduleVerdict judge_file(Json file, const std::string& culprit);

/// What `spec` names for load_schedule.
ScheduleVerdict judge_named(const std::string& spec, int steps = 0);

}  // namespace diffusion
