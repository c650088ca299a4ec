#include "lib/noise/wrappers.hpp"

#include <optional>
#include <utility>

#include "lib/base/interrupt.hpp"
#include "lib/base/text.hpp"
#include "lib/noise/combine.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/tensor/finite.hpp"

namespace diffusion {
namespace {

bool is_finite(const Denoised& denoised) {
  return all_finite(denoised.x0) && (!denoised.eps || all_finite(*denoised.eps)) &&
         (!denoised.variance_share || all_finite(*denoised.variance_share));
}

/// A copy of what a denoiser knows, which outlives it.
std::optional<Pullback> known_pullback(const Denoiser& denoise) {
  const Pullback* const pull = pullback_of(denoise);
  if (!pull) return std::nullopt;
  return *pull;
}

}  // namespace

Denoiser clipped(Denoiser inner, float low, float high) {
  return limited(
      std::move(inner), [=](Tensor& x0) { x0 = clamped(x0, low, high); }, EpsOfLimited::derived);
}

Denoiser limited(Denoiser inner, std::function<void(Tensor& x0)> limit, EpsOfLimited eps) {
  return [=, inner = std::move(inner), limit = std::move(limit)](const Tensor& x_t,
                                                                 const NoiseLevel& at) {
    Denoised denoised = inner(x_t, at);
    if (eps == EpsOfLimited::raw && !denoised.eps && !at.clean())
      denoised.eps = eps_of(denoised, x_t, at);
    if (eps == EpsOfLimited::derived && !at.clean()) denoised.eps.reset();  // follows from x0 again
    limit(denoised.x0);
    return denoised;
  };
}

NotFinite::NotFinite(const std::string& name, const NoiseLevel& where, const std::string& step)
    : Error(name + ": estimate is not finite at " + step + "timestep " +
            significant(where.timestep, 6) + " (sigma " + significant(where.sigma, 3) + ", alpha " +
            significant(where.alpha, 3) + ")"),
      model(name),
      at(where) {}

Denoiser finite(Denoiser inner, std::string model) {
  const auto pull = known_pullback(inner);
  Denoiser checked = [inner = std::move(inner), model = std::move(model)](const Tensor& x_t,
                                                                          const NoiseLevel& at) {
    Denoised denoised = inner(x_t, at);
    if (!is_finite(denoised)) throw NotFinite(model, at);
    return denoised;
  };
  if (!pull) return checked;
  return DifferentiableDenoiser{std::move(checked), *pull};
}

Denoiser interruptible(Denoiser inner) {
  const auto pull = known_pullback(inner);
  Denoiser stopping = watched(std::move(inner), [](const Tensor&, const NoiseLevel&,
                                                   const Denoised&) { stop_if_interrupted(); });
  if (!pull) return stopping;
  return DifferentiableDenoiser{
      std::move(stopping),
      [pull = *pull](const Tensor& x_t, const NoiseLevel& at, const Tensor& v) {
        stop_if_interrupted();
        return pull(x_t, at, v);
      }};
}

Denoiser watched(Denoiser inner, Evaluation seen) {
  return
      [inner = std::move(inner), seen = std::move(seen)](const Tensor& x_t, const NoiseLevel& at) {
        Denoised denoised = inner(x_t, at);
        seen(x_t, at, denoised);
        return denoised;
      };
}

}  // namespace diffusion
