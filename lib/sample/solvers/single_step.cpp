#include "lib/sample/solvers/single_step.hpp"

namespace diffusion {

SingleStep::SingleStep(const SampleRun& run, const Tensor& x, const NoiseLevel& from, Of of)
    : run_(run),
      x_(x),
      from_(from),
      of_(of),
      denoised_(run.denoise(x, from)),
      value_(value_of(of, denoised_, x, from)) {}

std::vector<Summand> SingleStep::beyond_first(const NoiseLevel& to, SlopeTerm slope) const {
  if (nodes_.empty()) return {};
  const auto [keep, lead, h] = exponential(of_, from_, to);
  const auto share = [&](const Node& node) { return node.gap / (to.lambda - from_.lambda); };
  const double r1 = share(nodes_[0]);
  if (nodes_.size() == 1) return {{-lead * slope_weight(slope, h) / r1, nodes_[0].difference}};
  const double r2 = share(nodes_[1]);
  if (slope == SlopeTerm::midpoint) return {{-lead * phi_2(h) / r2, nodes_[1].difference}};
  // The parabola through both: its slope at the start, and its curvature.
  const double near = (phi_2(h) * r2 - 2 * phi_3(h)) / (r2 - r1),
               far = (2 * phi_3(h) - phi_2(h) * r1) / (r2 - r1);
  return {{-lead * near / r1, nodes_[0].difference}, {-lead * far / r2, nodes_[1].difference}};
}

Tensor SingleStep::at(const NoiseLevel& to, SlopeTerm slope) const {
  Tensor x = of_ == Of::eps ? moved(denoised_, value_, to) : towards(value_, x_, from_, to);
  for (const auto& [scale, difference] : beyond_first(to, slope)) add_scaled(x, scale, difference);
  return x;
}

void SingleStep::ask(const Tensor& x, const NoiseLevel& there) {
  const Tensor value = value_of(of_, run_.denoise(x, there), x, there);
  nodes_.push_back({there.lambda - from_.lambda, combine(1, value, -1, value_)});
}

}  // namespace diffusion
