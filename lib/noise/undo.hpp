// From x_t and what a network predicts of it back to x0, and on to everything else that
// the two determine.
#pragma once
#include <optional>
#include <string_view>

#include "lib/noise/prediction.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion {

/// Where an x_t is, and the cleaner level that the mean of a reverse step leads to.
struct UndoPlace {
  NoiseLevel at, to;
};

/// Step `t` of the schedule, and step `to` before it; none: t - 1. Throws Error where there
/// are no such steps.
UndoPlace undo_place(const Schedule& schedule, std::int64_t t, std::optional<std::int64_t> to);

/// The level of the variance-preserving path with this alpha_bar, in [0, 1), and the one
/// that a step of `beta` came from; none: clean data. Throws Error, also for the beta of pure
/// noise, alpha_bar = 0, which says nothing of the step before.
UndoPlace undo_place(double alpha_bar, std::optional<double> beta);

/// Whether x0 is limited to [-1, 1], and the rest derived from that.
enum class UndoClip { none, limited };

/// x0, and eps where it needs to be said, from a prediction of x_t of the same shape. Throws
/// Error where there is no noise (sigma = 0), and where the two do not determine x0 (see
/// denoised_from) or it lies beyond float32.
Denoised undone(Prediction predicts, const Tensor& predicted, const Tensor& x_t,
                const NoiseLevel& at, UndoClip clip = UndoClip::none);

/// What can be had of it, by name. "mean" is that of q(x_to | x_t, x0), Ho et al. 2020, Eq. 7.
inline constexpr std::string_view undo_quantities[] = {"x0", "eps", "v", "u", "score", "mean"};

/// One of these quantities, of x_t's shape. Throws Error for any other name.
Tensor undo_quantity(std::string_view name, const Denoised& denoised, const Tensor& x_t,
                     const UndoPlace& place);

}  // namespace diffusion
