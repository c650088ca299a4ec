#include "lib/sample/solvers/single_step.hpp"

#include "lib/noise/combine.hpp"

namespace diffusion {

SingleStep::SingleStep(const SampleRun& run, const Tensor& x, const NoiseLevel& from, Of of)
    : run_(run),
      x_(x),
      from_(from),
      of_(of),
      denoised_(run.denoise(x, from)),
      value_(value_of(of, denoised_, x, from)) {}

Tensor SingleStep::at(const NoiseLevel& to, SlopeTerm slope) const {
  Tensor x = of_ == Of::eps ? moved(denoised_, value_, to) : towards(value_, x_, from_, to);
  if (nodes_.empty()) return x;
  const auto [keep, lead, h] = exponential(of_, from_, to);
  const auto share = [&](const Node& node) { return node.gap / (to.lambda - from_.lambda); };
  const double r1 = share(nodes_[0]);
  if (nodes_.size() == 1) {
    add_scaled(x, -lead * slope_weight(slope, h) / r1, nodes_[0].difference);
    return x;
  }
  const double r2 = share(nodes_[1]);
  if (slope == SlopeTerm::midpoint) {
    add_scaled(x, -lead * phi_2(h) / r2, nodes_[1].difference);
    return x;
  }
  // The parabola through both: its slope at the start, and its curvature.
  const double near = (phi_2(h) * r2 - 2 * phi_3(h)) / (r2 - r1),
               far = (2 * phi_3(h) - phi_2(h) * r1) / (r2 - r1);
  add_scaled(x, -lead * near / r1, nodes_[0].difference);
  add_scaled(x, -lead * far / r2, nodes_[1].difference);
  return x;
}

void SingleStep::ask(const Tensor& x, const NoiseLevel& there) {
  const Tensor value = value_of(of_, run_.denoise(x, there), x, there);
  nodes_.push_back({there.lambda - from_.lambda, combine(1, value, -1, value_)});
}

}  // namespace diffusion
