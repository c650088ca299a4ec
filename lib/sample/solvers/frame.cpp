#include "lib/sample/solvers/frame.hpp"

#include <cmath>

#include "lib/noise/combine.hpp"
#include "lib/noise/prediction.hpp"

namespace diffusion {

Frame FrameChoice::on(Path path) const {
  if (name == "auto") return path == Path::straight ? Frame::flow : Frame::ve;
  return name == "ve" ? Frame::ve : Frame::flow;
}

FrameChoice frame_from(Params& params) { return {params.choice("frame", {"auto", "ve", "flow"})}; }

Coordinates coordinates(Frame frame, const NoiseLevel& at) {
  if (frame == Frame::ve) return {at.alpha, at.ve_sigma()};
  const double scale = at.alpha + at.sigma;
  return {scale, at.sigma / scale};
}

double lambda_at(Frame frame, double s) {
  return frame == Frame::ve ? -std::log(s) : std::log1p(-s) - std::log(s);
}

Tensor slope(Frame frame, const Denoised& denoised, const Tensor& x, const NoiseLevel& at) {
  const Tensor eps = eps_of(denoised, x, at);
  return frame == Frame::ve ? eps : combine(1, eps, -1, denoised.x0);
}

}  // namespace diffusion
