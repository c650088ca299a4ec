#include "lib/sample/solvers/middle.hpp"

#include "lib/noise/combine.hpp"

namespace diffusion {

Tensor by_middle(const SampleRun& run, const Placed& start, double middle, const NoiseLevel& to,
                 Frame frame) {
  const auto& [x, from] = start;
  const Denoised first = run.denoise(x, from);
  const NoiseLevel between = level_of(run, middle);
  const Tensor x_between = moved(first, x, from, between);
  const Tensor before = slope(frame, first, x, from);
  const Tensor there = slope(frame, run.denoise(x_between, between), x_between, between);
  const auto [scale, s] = coordinates(frame, to);
  const double step = scale * (s - coordinates(frame, from).s);
  return sum({{1, moved(first, x, from, to)}, {step, there}, {-step, before}});
}

}  // namespace diffusion
