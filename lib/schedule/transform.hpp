// Schedules made from schedules: ended at zero SNR, shifted, scaled.
#pragma once
#include <string>

#include "lib/schedule/schedule.hpp"

namespace diffusion {

/// Zero terminal SNR on the variance-preserving path: sqrt(alpha_bar) moved and
/// stretched so that the first stays and the last is exactly 0 (Lin et al. 2023,
/// Algorithm 1). Throws Error on other paths and for a single step.
Schedule with_zero_terminal_snr(const Schedule& schedule);

/// log_snr + `amount` at every step, on any path. Timesteps stay, but on the
/// straight path, where they are proportional to tau, they follow it.
Schedule shifted(const Schedule& schedule, double amount);

/// The amount that keeps the SNR of an image seen at `from` pixels a side when it
/// is trained at `to`: 2 log(from/to) (Hoogeboom et al. 2023, Sec. 3.1).
double resolution_shift(double from, double to);

/// The amount that maps tau to factor tau/(1 + (factor - 1) tau) (Esser et al.
/// 2024, Eq. 23), which is sigma/alpha times `factor` on every path.
double flow_shift(double factor);

/// Betas (variance preserving) or sigmas (variance exploding) times `factor`.
/// Throws Error where a beta leaves [0, 1], and on the straight path.
Schedule scaled(const Schedule& schedule, double factor);

/// Notes in the file where `made` comes from: "made_from" names the family that
/// the chain of filters began with, and "made_by" lists their command lines.
void note_origin(Schedule& made, const Schedule& from, const std::string& command);

}  // namespace diffusion
