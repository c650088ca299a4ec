// Guidance: away from a model without a class (Ho & Salimans 2022, "Classifier-Free Diffusion
// Guidance") or from a worse model (Karras et al. 2024, "Guiding a Diffusion Model with a Bad
// Version of Itself").
#pragma once
#include <cmath>
#include <functional>
#include <utility>

#include "lib/noise/denoiser.hpp"
#include "lib/noise/prediction.hpp"

namespace diffusion {

struct Guidance {
  double scale = 1;  // 1 + w of the paper; 1 guides by nothing
  // phi, 0 to 1: how far the guided prediction of a sample is brought back to the standard
  // deviation of the unguided one (Lin et al. 2023, Sec. 3.4).
  double rescale = 0;
  // eta of Sadat et al. 2024, "Eliminating Oversaturation and Artifacts of High Guidance
  // Scales in Diffusion Models": how much of the change of x0 along x0 itself is kept, of each
  // sample. 1 is all.
  double parallel = 1;
  double norm = HUGE_VAL;  // r there: the most that the change of a sample's x0 may be
  // beta there: so much of the change that the last guided estimate had, is added to the next.
  double momentum = 0;
  // Whether `away` is first scaled, in its velocity and for each sample, to be nearest to
  // `towards` (Fan et al. 2025, "CFG-Zero*: Improved Classifier-Free Guidance for Flow Matching
  // Models"). Of the straight path.
  bool fitted = false;
  // Levels guided: above < sigma/alpha <= upto (Kynkaanniemi et al. 2024, Eq. 6).
  double above = 0, upto = HUGE_VAL;
  Prediction prediction = Prediction::x0;  // what `rescale` acts on

  bool projects() const { return parallel != 1 || norm < HUGE_VAL || momentum != 0; }
  bool covers(const NoiseLevel& at) const { return at.ve_sigma() > above && at.ve_sigma() <= upto; }
};

/// Both of a guidance's answers at once, `towards` first.
using BothDenoisers =
    std::function<std::pair<Denoised, Denoised>(const Tensor& x_t, const NoiseLevel& at)>;

/// Asks a denoiser of twice as many images, first those of `towards`, then those of `away`.
BothDenoisers both_of(Denoiser of_twice);

/// (1 - share) * first + share * second: guided away from both at once (Karras et al. 2024,
/// App. B.2, whose alpha is `share`).
Denoiser mixed(Denoiser first, Denoiser second, double share);

/// scale * towards + (1 - scale) * away (Ho & Salimans 2022, Eq. 6, where `away` is the
/// unconditional model; or a class to avoid, or a worse model). At levels that are not covered,
/// and where scale is 1, only `towards` is asked, where scale is 0 only `away`; elsewhere `both`,
/// if it is there. What momentum remembers is of one walk: each needs a denoiser of its own, and
/// asks it about the same samples each time.
Denoiser guided(Denoiser towards, const Denoiser& away, const Guidance& guidance,
                BothDenoisers both = {});

/// Says, without asking `inner`, that nothing moves at levels noisier than `end` (Fan et al. 2025:
/// a velocity of zero). Of the straight path.
Denoiser standing_still(Denoiser inner, const NoiseLevel& end);

}  // namespace diffusion
