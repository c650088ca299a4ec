#include "lib/noise/undo.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/noise/combine.hpp"
#include "lib/noise/posterior.hpp"
#include "lib/tensor/finite.hpp"

namespace diffusion {
namespace {

NoiseLevel level_of(double alpha_bar) {
  return on_path(Path::variance_preserving, std::log(alpha_bar / (1 - alpha_bar)) / 2);
}

/// Of the prediction itself: a rounded x0 would tell little of it where there is little noise.
Tensor eps_from(Prediction predicts, const Tensor& predicted, const Tensor& x_t,
                const NoiseLevel& at) {
  const Target target = target_of(predicts, at);
  const double determinant = at.alpha * target.c_eps - at.sigma * target.c_x0;
  return combine(at.alpha / determinant, predicted, -target.c_x0 / determinant, x_t);
}

}  // namespace

UndoPlace undo_place(const Schedule& schedule, std::int64_t t, std::optional<std::int64_t> to) {
  if (t < 1 || t > schedule.steps())
    throw Error("`t` " + std::to_string(t) + ": the schedule has steps 1.." +
                std::to_string(schedule.steps()));
  const std::int64_t before = to.value_or(t - 1);
  if (before < 0 || before >= t)
    throw Error("`to` " + std::to_string(before) + ": needs a step before " + std::to_string(t));
  return {schedule.at(t), schedule.at(before)};
}

UndoPlace undo_place(double alpha_bar, std::optional<double> beta) {
  if (!(alpha_bar >= 0 && alpha_bar < 1))
    throw Error("`alpha-bar` " + shortest(alpha_bar) + ": needs a number in [0, 1)");
  if (beta && alpha_bar == 0)
    throw Error(
        "`beta`: says nothing of the step before pure noise, `alpha-bar` 0; name a step, `t`");
  if (!beta) return {level_of(alpha_bar), clean_level(Path::variance_preserving)};
  constexpr double rounding = 1e-12;
  const double before = alpha_bar / (1 - *beta), most = 1 - alpha_bar;
  if (!(*beta > 0 && *beta < 1 && before <= 1 + rounding))
    throw Error("`beta` " + shortest(*beta) +
                ": needs a number above 0, and at most 1 - alpha_bar, " + significant(most, 6) +
                ", as it is at the first step");
  if (before >= 1 - rounding) return undo_place(alpha_bar, std::nullopt);  // the first step
  return {level_of(alpha_bar), level_of(before)};
}

Denoised undone(Prediction predicts, const Tensor& predicted, const Tensor& x_t,
                const NoiseLevel& at, UndoClip clip) {
  if (at.clean()) throw Error("at this level there is no noise to undo (sigma = 0)");
  const std::string name(name_of(predicts));
  if (!x0_recovery(predicts, at).invertible)
    throw Error("this level is pure noise (alpha = 0), of which " + name +
                " does not tell x0; `predict` x0, v or u does");
  Denoised denoised = denoised_from(predicts, predicted, x_t, at);
  if (!all_finite(denoised.x0))
    throw Error("x0 is too large for float32 at this level, where alpha is " +
                significant(at.alpha, 4) + "; `predict` x0, v or u keeps it in range");
  if (clip == UndoClip::limited) return {clamped(denoised.x0, -1, 1), {}, {}};
  denoised.eps = eps_from(predicts, predicted, x_t, at);
  return denoised;
}

Tensor undo_quantity(std::string_view name, const Denoised& denoised, const Tensor& x_t,
                     const UndoPlace& place) {
  if (name == "x0") return denoised.x0;
  if (name == "mean") return posterior_mean(denoised.x0, x_t, place.at, place.to);
  const Target target = target_of(parse_prediction(std::string(name)), place.at);
  return combine(target.c_x0, denoised.x0, target.c_eps, eps_of(denoised, x_t, place.at));
}

}  // namespace diffusion
