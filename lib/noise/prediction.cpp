#include "lib/noise/prediction.hpp"

#include <algorithm>
#include <cassert>

#include "lib/base/error.hpp"
#include "lib/noise/combine.hpp"

namespace diffusion {
namespace {

constexpr PredictionInfo rows[] = {
    {"eps", "the noise in x_t = alpha x0 + sigma eps", "Ho et al. 2020", Prediction::eps},
    {"x0", "the clean data", "Ho et al. 2020", Prediction::x0},
    {"v", "alpha eps - sigma x0", "Salimans and Ho 2022", Prediction::v},
    {"u", "eps - x0, the velocity of the straight path", "Liu, Gong and Liu 2022", Prediction::u},
    {"score", "the gradient of log p(x_t), -eps/sigma", "Song et al. 2021", Prediction::score},
    {"ncsn", "the score of (y + 1)/2, y = x_t/alpha, told its noise", "Song et al. 2021",
     Prediction::ncsn},
    {"edm", "F of x0 = c_skip y + c_out F(c_in y, c_noise), y = x_t/alpha", "Karras et al. 2022",
     Prediction::edm},
};

}  // namespace

std::span<const PredictionInfo> predictions() { return rows; }

std::span<const Synonym> PredictionInfo::synonyms() {
  static constexpr Synonym names[] = {
      {"epsilon", "eps"}, {"sample", "x0"}, {"v-prediction", "v"}, {"flow-prediction", "u"}};
  return names;
}

std::string_view name_of(Prediction prediction) {
  return std::ranges::find(rows, prediction, &PredictionInfo::prediction)->name;
}

Prediction parse_prediction(const std::string& name) {
  return find_row(predictions(), canonical_spec(predictions(), name), "prediction").prediction;
}

Target target_of(Prediction prediction, const NoiseLevel& at) {
  switch (prediction) {
    case Prediction::eps:
      return {0, 1};
    case Prediction::x0:
      return {1, 0};
    case Prediction::v:
      return {-at.sigma, at.alpha};
    case Prediction::u:
      return {-1, 1};
    case Prediction::score:
      return {0, -1 / at.sigma};
    case Prediction::ncsn:
      return {0, -2 * at.alpha / at.sigma};
    case Prediction::edm: {
      // F = (x0 - c_skip y)/c_out, with y = x0 + ve_sigma eps.
      const double spread = edm_spread(at);
      return {at.sigma / (sigma_data * spread), -at.alpha * sigma_data / spread};
    }
  }
  __builtin_unreachable();
}

// Solves x_t = alpha x0 + sigma eps and p = c_x0 x0 + c_eps eps, two equations in
// two unknowns with determinant alpha c_eps - sigma c_x0; the score is -eps/sigma
// and goes by way of eps so that sigma = 0 stays finite.
Recovery x0_recovery(Prediction prediction, const NoiseLevel& at) {
  if (prediction == Prediction::score)
    return {1 / at.alpha, at.sigma * at.sigma / at.alpha, at.alpha != 0};
  if (prediction == Prediction::ncsn)
    return {1 / at.alpha, at.ve_sigma() * at.ve_sigma() / 2, at.alpha != 0};
  const auto [c_x0, c_eps] = target_of(prediction, at);
  const double determinant = at.alpha * c_eps - at.sigma * c_x0;
  return {c_eps / determinant, -at.sigma / determinant, determinant != 0};
}

Recovery eps_recovery(Prediction prediction, const NoiseLevel& at) {
  if (prediction == Prediction::score) return {0, -at.sigma, true};
  if (prediction == Prediction::ncsn) return {0, -at.ve_sigma() / 2, !at.pure_noise()};
  const auto [c_x0, c_eps] = target_of(prediction, at);
  const double determinant = at.alpha * c_eps - at.sigma * c_x0;
  return {-c_x0 / determinant, at.alpha / determinant, determinant != 0};
}

Denoised denoised_from(Prediction prediction, const Tensor& predicted, const Tensor& x_t,
                       const NoiseLevel& at) {
  const Recovery x0 = x0_recovery(prediction, at);
  if (!x0.invertible)
    throw Error("a network that predicts " + std::string(name_of(prediction)) +
                " cannot start from pure noise (alpha = 0, zero terminal SNR): "
                "v or x0 prediction can, or a schedule that ends above zero SNR");
  Denoised result{combine(x0.from_x, x_t, x0.from_prediction, predicted), {}, {}};
  if (at.clean()) {
    const Recovery eps = eps_recovery(prediction, at);
    if (eps.invertible) result.eps = combine(eps.from_x, x_t, eps.from_prediction, predicted);
  }
  return result;
}

namespace {

/// Entries first .. first + count - 1 of the last axis, as `a x + b`.
Tensor channels_of(const Tensor& x, std::size_t first, std::size_t count, float a, float b) {
  Shape shape = x.shape();
  const std::size_t channels = shape.back();
  shape.back() = count;
  Tensor part(shape);
  for (std::size_t pixel = 0; pixel < x.size() / channels; ++pixel)
    for (std::size_t c = 0; c < count; ++c)
      part.data()[pixel * count + c] = a * x.data()[pixel * channels + first + c] + b;
  return part;
}

}  // namespace

Denoised denoised_from_said(Prediction prediction, const Tensor& said, const Tensor& x_t,
                            const NoiseLevel& at) {
  const std::size_t channels = x_t.shape().back();
  if (said.shape().back() != 2 * channels) return denoised_from(prediction, said, x_t, at);
  Denoised result = denoised_from(prediction, channels_of(said, 0, channels, 1, 0), x_t, at);
  result.variance_share = channels_of(said, channels, channels, 0.5f, 0.5f);
  return result;
}

Tensor eps_of(const Denoised& denoised, const Tensor& x_t, const NoiseLevel& at) {
  if (denoised.eps) return *denoised.eps;
  assert(!at.clean());
  return combine(1 / at.sigma, x_t, -at.alpha / at.sigma, denoised.x0);
}

}  // namespace diffusion
