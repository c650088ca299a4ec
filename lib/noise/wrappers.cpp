#include "lib/noise/wrappers.hpp"

#include <bit>
#include <cstdint>
#include <utility>

#include "lib/base/text.hpp"
#include "lib/noise/combine.hpp"

namespace diffusion {
namespace {

/// By the exponent's bits alone, many at a time: it is asked after every evaluation.
bool all_finite(const Tensor& x) {
  constexpr std::uint32_t exponent = 0x7f800000;
  const float* const values = x.data();
  const std::size_t count = x.size();
  std::uint32_t odd = 0;
  for (std::size_t i = 0; i < count; ++i)
    odd |= std::uint32_t((std::bit_cast<std::uint32_t>(values[i]) & exponent) == exponent);
  return odd == 0;
}

bool all_finite(const Denoised& denoised) {
  return all_finite(denoised.x0) && (!denoised.eps || all_finite(*denoised.eps)) &&
         (!denoised.variance_share || all_finite(*denoised.variance_share));
}

}  // namespace

Denoiser clipped(Denoiser inner, float low, float high) {
  return [=, inner = std::move(inner)](const Tensor& x_t, const NoiseLevel& at) {
    Denoised denoised = inner(x_t, at);
    denoised.x0 = clamped(denoised.x0, low, high);
    if (!at.clean()) denoised.eps.reset();  // follows from x0 again
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
  const Pullback* const pull = pullback_of(inner);
  const Pullback kept = pull ? *pull : Pullback{};
  Denoiser checked = [inner = std::move(inner), model = std::move(model)](const Tensor& x_t,
                                                                          const NoiseLevel& at) {
    Denoised denoised = inner(x_t, at);
    if (!all_finite(denoised)) throw NotFinite(model, at);
    return denoised;
  };
  if (!kept) return checked;
  return DifferentiableDenoiser{std::move(checked), kept};
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
