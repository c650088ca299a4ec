// What is to be known about a schedule before training on it.
#pragma once
#include <string>
#include <vector>

#include "lib/schedule/schedule.hpp"

namespace diffusion {

struct ScheduleReport {
  double terminal_alpha, terminal_snr;
  double terminal_kl;                 // of x_T to N(0, I), nats a dimension, for x0^2 = 1
  double eps_gain;                    // 1/alpha_T: what a noise predictor's error becomes in x0
  std::vector<std::string> findings;  // faults, a line each; none in a sound schedule
};

/// Looks for what breaks training or sampling: noise that does not rise from step
/// to step, a first level without noise, timesteps out of order.
ScheduleReport check_schedule(const Schedule& schedule);

}  // namespace diffusion
