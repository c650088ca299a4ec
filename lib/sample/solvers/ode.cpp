// The probability-flow ODE (Song et al. 2021, Eq. 13) by an adaptive Runge-Kutta pair of
// order 5 and 4: Dormand and Prince 1980, "A Family of Embedded Runge-Kutta Formulae". It
// runs in flow matching's coordinates, where pure noise and data are both within reach.
// Of the grid it uses only the first level and the last noisy one.
#include <algorithm>
#include <array>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/noise/combine.hpp"
#include "lib/sample/solvers/frame.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {
namespace {

constexpr std::size_t stages = 7;
constexpr std::array<double, stages> nodes{0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1, 1};
constexpr std::array<std::array<double, stages - 1>, stages> tableau{{
    {},
    {1.0 / 5},
    {3.0 / 40, 9.0 / 40},
    {44.0 / 45, -56.0 / 15, 32.0 / 9},
    {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
    {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
    {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84},
}};
/// Fifth order less fourth.
constexpr std::array<double, stages> difference{
    71.0 / 57600, 0, -71.0 / 16695, 71.0 / 1920, -17253.0 / 339200, 22.0 / 525, -1.0 / 40};

struct Tolerances {
  double relative, absolute;
};

/// dz/ds in flow coordinates.
class Slope {
 public:
  explicit Slope(const SampleRun& run) : run_(run) {}

  Tensor operator()(const Tensor& z, double s) const {
    const NoiseLevel at = level_of(run_, lambda_at(Frame::flow, s));
    const Tensor x = combine(at.alpha + at.sigma, z, 0, z);
    return slope(Frame::flow, run_.denoise(x, at), x, at);
  }

 private:
  const SampleRun& run_;
};

/// A trial step: the state at its end, the slopes it used, and its error over tolerance.
struct Trial {
  Tensor z;
  std::vector<Tensor> slopes;
  double error;
};

Tensor plus(const Tensor& z, double h, std::span<const double> weights,
            const std::vector<Tensor>& slopes) {
  std::vector<Summand> terms{{1, z}};
  for (std::size_t k = 0; k < slopes.size() && k < weights.size(); ++k)
    terms.push_back({h * weights[k], slopes[k]});
  return sum(terms);
}

double error_of(const Tensor& z, const Trial& trial, double h, const Tolerances& tolerances) {
  double total = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    double error = 0;
    for (std::size_t k = 0; k < stages; ++k) error += difference[k] * trial.slopes[k].data()[i];
    const double size =
        std::max(std::abs(double(z.data()[i])), std::abs(double(trial.z.data()[i])));
    const double share = h * error / (tolerances.absolute + tolerances.relative * size);
    total += share * share;
  }
  return std::sqrt(total / double(z.size()));
}

Trial attempt(const Slope& slope, const Tensor& z, const Tensor& first, double s, double h,
              const Tolerances& tolerances) {
  Trial trial{{}, {first}, 0};
  for (std::size_t k = 1; k < stages; ++k) {
    trial.z = plus(z, h, tableau[k], trial.slopes);
    trial.slopes.push_back(slope(trial.z, s + nodes[k] * h));
  }
  trial.error = error_of(z, trial, h, tolerances);
  return trial;
}

/// Reports the grid's levels inside a step, by the cubic through its ends and slopes.
class Passing {
 public:
  explicit Passing(const SampleRun& run) : run_(run) {}

  void step(const Tensor& z, const Trial& trial, double s, double h) {
    for (; next_ < run_.grid.size(); ++next_) {
      const auto [scale, at] = coordinates(Frame::flow, run_.grid[next_]);
      const double u = (at - s) / h;
      if (u > 1) return;
      const double p = u * u * (3 - 2 * u);
      report(run_, next_,
             sum({{scale * (1 - p), z},
                  {scale * p, trial.z},
                  {scale * h * u * (1 - u) * (1 - u), trial.slopes.front()},
                  {-scale * h * u * u * (1 - u), trial.slopes.back()}}));
    }
  }

 private:
  const SampleRun& run_;
  std::uint32_t next_ = 1;
};

constexpr int most_trials = 100'000;

Tensor solved(const SampleRun& run, Tensor z, double s, double end, const Tolerances& tolerances) {
  const Slope slope(run);
  Passing passing(run);
  Tensor first = slope(z, s);
  double h = (end - s) / 20;
  for (int trials = 0; s > end; ++trials) {
    if (trials == most_trials)
      throw Error("ode: no end after " + std::to_string(most_trials) +
                  " steps; a larger rtol or atol would reach it");
    h = std::max(h, end - s);
    const Trial trial = attempt(slope, z, first, s, h, tolerances);
    if (std::isnan(trial.error)) throw Error("ode: the model's answer is not a number");
    if (trial.error <= 1) {
      const bool last = h == end - s;
      passing.step(z, trial, s, h);
      s = last ? end : s + h;
      z = trial.z;
      first = trial.slopes.back();
    }
    h *= std::clamp(0.9 * std::pow(trial.error, -0.2), 0.2, 10.0);
  }
  return z;
}

}  // namespace

Sampler make_ode(Params& params) {
  const Tolerances tolerances{params.number("rtol", 1e-4), params.number("atol", 1e-4)};
  for (const auto& [key, value] :
       {std::pair{"rtol", tolerances.relative}, {"atol", tolerances.absolute}})
    if (!(value >= 1e-7)) params.refuse(key, "must be at least 1e-7, as states are float32");
  return [tolerances](const SampleRun& run) {
    const bool clean = run.grid.back().clean() && run.grid.size() > 1;
    const NoiseLevel from = run.grid.front(), to = run.grid[run.grid.size() - (clean ? 2 : 1)];
    report(run, 0, run.x);
    const auto [scale, s] = coordinates(Frame::flow, from);
    const auto [end_scale, end] = coordinates(Frame::flow, to);
    const Tensor z = solved(run, combine(1 / scale, run.x, 0, run.x), s, end, tolerances);
    Tensor x = combine(end_scale, z, 0, z);
    if (!clean) return x;
    x = combine(run.grid.back().alpha, run.denoise(x, to).x0, 0, x);
    report(run, std::uint32_t(run.grid.size() - 1), x);
    return x;
  };
}

}  // namespace diffusion
