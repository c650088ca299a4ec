// What a network may predict, and exact conversions between all of these.
#pragma once
#include <cmath>
#include <string>
#include <string_view>

#include "lib/base/registry.hpp"
#include "lib/noise/denoiser.hpp"

namespace diffusion {

/// With x_t = alpha x0 + sigma eps:
enum class Prediction {
  eps,    // the noise; Ho et al. 2020
  x0,     // the clean data
  v,      // alpha eps - sigma x0; Salimans and Ho 2022
  u,      // eps - x0, the velocity of the straight path (flow papers with time
          // running from noise to data use its negative); Liu, Gong and Liu 2022
  score,  // the gradient of log p(x_t), -eps/sigma; Song et al. 2021
  ncsn,   // the score of images in [0, 1], -2 eps/(sigma/alpha), told half of sigma/alpha; Song
          // et al. 2021
  edm,    // F of x0 = c_skip y + c_out F(c_in y, c_noise), y = x_t/alpha; Karras et al.
          // 2022, Table 1, with sigma_data
};

struct PredictionInfo {
  std::string_view name, summary, reference;
  Prediction prediction;

  static std::span<const Synonym> synonyms();  // diffusers' names
};

/// A row for each of them.
std::span<const PredictionInfo> predictions();

/// The spread of images in [-1, 1] that EDM assumes (Karras et al. 2022, Table 1).
inline constexpr double sigma_data = 0.5;

/// The spread of x_t where the data's is sigma_data.
inline double edm_spread(const NoiseLevel& at) {
  return std::hypot(at.alpha * sigma_data, at.sigma);
}

std::string_view name_of(Prediction prediction);
/// Throws Error that lists the names.
Prediction parse_prediction(const std::string& name);

/// prediction = c_x0 x0 + c_eps eps at a level: the training target.
struct Target {
  double c_x0, c_eps;
};
Target target_of(Prediction prediction, const NoiseLevel& at);

/// x0 = from_x x_t + from_prediction prediction at a level. `invertible` is false
/// where x_t and the prediction do not determine x0 (eps or score at alpha = 0).
struct Recovery {
  double from_x, from_prediction;
  bool invertible;
};
Recovery x0_recovery(Prediction prediction, const NoiseLevel& at);
Recovery eps_recovery(Prediction prediction, const NoiseLevel& at);

/// x0 and, where it is not simply (x - alpha x0)/sigma, eps. Throws Error where
/// the pair of prediction and level determines no x0 (zero terminal SNR; Lin et
/// al. 2023, Sec. 3.1).
Denoised denoised_from(Prediction prediction, const Tensor& predicted, const Tensor& x_t,
                       const NoiseLevel& at);

/// The same of what a network says that may have learned a variance too: 2 v - 1 in the
/// second half of a last axis twice as long as that of x_t (Nichol and Dhariwal 2021,
/// Eq. 15).
Denoised denoised_from_said(Prediction prediction, const Tensor& said, const Tensor& x_t,
                            const NoiseLevel& at);

/// eps of a Denoised, whichever way it is given. At sigma = 0 it must be given.
Tensor eps_of(const Denoised& denoised, const Tensor& x_t, const NoiseLevel& at);

}  // namespace diffusion
