#include "lib/sample/solvers/exponential.hpp"

#include "lib/noise/prediction.hpp"

namespace diffusion {

Of of_from(Params& params) {
  return params.choice("predict", {"x0", "eps"}) == "x0" ? Of::x0 : Of::eps;
}

Tensor value_of(Of of, const Denoised& denoised, const Tensor& x, const NoiseLevel& at) {
  return of == Of::x0 ? denoised.x0 : eps_of(denoised, x, at);
}

Exponential exponential(Of of, const NoiseLevel& from, const NoiseLevel& to) {
  const double gap = to.lambda - from.lambda;
  if (of == Of::x0) return {to.sigma / from.sigma, to.alpha, -gap};
  return {to.alpha / from.alpha, to.sigma, gap};
}

SlopeTerm slope_from(Params& params, const char* key, SlopeTerm usual) {
  const bool midpoint = usual == SlopeTerm::midpoint;
  const std::string given =
      params.choice(key, {midpoint ? "midpoint" : "heun", midpoint ? "heun" : "midpoint"});
  return given == "midpoint" ? SlopeTerm::midpoint : SlopeTerm::integral;
}

}  // namespace diffusion
