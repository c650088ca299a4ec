// Classifier-free guidance: Ho & Salimans 2022, "Classifier-Free Diffusion Guidance".
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
  // Levels guided: above < sigma/alpha <= upto (Kynkaanniemi et al. 2024, Eq. 6).
  double above = 0, upto = HUGE_VAL;
  Prediction prediction = Prediction::x0;  // what `rescale` acts on

  bool projects() const { return parallel != 1 || norm < HUGE_VAL; }
  bool covers(const NoiseLevel& at) const { return at.ve_sigma() > above && at.ve_sigma() <= upto; }
};

/// Both of a guidance's answers at once, `towards` first.
using BothDenoisers =
    std::function<std::pair<Denoised, Denoised>(const Tensor& x_t, const NoiseLevel& at)>;

/// Asks a denoiser of twice as many images, first those of `towards`, then those of `away`.
BothDenoisers both_of(Denoiser of_twice);

/// scale * towards + (1 - scale) * away (Eq. 6 of the paper, where `away` is the
/// unconditional model; or a class to avoid). At levels that are not covered, and where
/// scale is 1, only `towards` is asked, where scale is 0 only `away`; elsewhere `both`, if it is
/// there.
Denoiser guided(Denoiser towards, const Denoiser& away, const Guidance& guidance,
                BothDenoisers both = {});

}  // namespace diffusion
