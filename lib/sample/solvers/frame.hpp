// The probability-flow ODE (Song et al. 2021, Eq. 13) in coordinates where its solution
// between noise and data is nearly a straight line: dz/ds = slope, with x = scale z.
#pragma once
#include <string>

#include "lib/base/params.hpp"
#include "lib/sample/sampler.hpp"

namespace diffusion {

enum class Frame {
  ve,    // z = x/alpha, s = sigma/alpha, slope = eps; Karras et al. 2022, Eq. 1
  flow,  // z = x/(alpha + sigma), s = sigma/(alpha + sigma), slope = eps - x0; flow
         // matching's own; has both ends, pure noise (s = 1) and clean data (s = 0)
};

/// The parameter `frame`: auto (flow on the straight path, else ve), ve or flow.
struct FrameChoice {
  std::string name;
  Frame on(Path path) const;
};
FrameChoice frame_from(Params& params);

struct Coordinates {
  double scale, s;
};
Coordinates coordinates(Frame frame, const NoiseLevel& at);

/// Half log-SNR at s.
double lambda_at(Frame frame, double s);

Tensor slope(Frame frame, const Denoised& denoised, const Tensor& x, const NoiseLevel& at);

}  // namespace diffusion
