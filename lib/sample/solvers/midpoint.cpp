// The midpoint method for the probability-flow ODE (Runge 1895), half-way in the frame's
// own time: the midpoint solver of flow matching, and its like on the other paths.
#include "lib/sample/solvers/middle.hpp"

namespace diffusion {

Sampler make_midpoint(Params& params) {
  return [choice = frame_from(params), how = long_steps_from(params)](SampleRun run) {
    const Frame frame = choice.on(run.path);
    return along_grid(
        run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t) {
          if (frame == Frame::ve && too_long(from, to, how))
            return moved(run.denoise(x, from), x, from, to);
          const double s = (coordinates(frame, from).s + coordinates(frame, to).s) / 2;
          return by_middle(run, {x, from}, lambda_at(frame, s), to, frame);
        });
  };
}

}  // namespace diffusion
