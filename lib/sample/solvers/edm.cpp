// Euler's and Heun's methods in the time and the scaling of other processes: Karras et al.
// 2022, "Elucidating the Design Space of Diffusion-Based Generative Models", Table 1 and
// Alg. 2 with the alpha of App. D.2, as the ablation of its code has them.
#include <cmath>

#include "lib/noise/combine.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {
namespace {

enum class Time { linear, ve, vp };

/// sigma(t), s(t) and their inverse, sigma being sigma/alpha, and s z that of x/alpha.
struct Clock {
  Time time;
  bool scaled;  // s = 1/sqrt(1 + sigma^2), else 1
  double beta_d, beta_min;

  double t(double sigma) const {
    if (time == Time::linear) return sigma;
    if (time == Time::ve) return sigma * sigma;
    const double inside = beta_min * beta_min + 2 * beta_d * std::log1p(sigma * sigma);
    return (std::sqrt(inside) - beta_min) / beta_d;
  }
  double sigma(double t) const {
    if (time == Time::linear) return t;
    if (time == Time::ve) return std::sqrt(t);
    return std::sqrt(std::expm1(beta_d * t * t / 2 + beta_min * t));
  }
  double rate(double sigma) const {  // of sigma in t
    if (time == Time::linear) return 1;
    if (time == Time::ve) return 0.5 / sigma;
    return 0.5 * (beta_min + beta_d * t(sigma)) * (sigma + 1 / sigma);
  }
  double scale(double sigma) const { return scaled ? 1 / std::hypot(1, sigma) : 1; }
};

/// The scales of VP whose t runs from eps_s to 1 between a grid's ends (code of Table 1), but
/// for pure noise and clean data.
Clock fitted(Clock clock, std::span<const NoiseLevel> grid) {
  constexpr double eps_s = 1e-3;
  if (grid.size() > 1 && grid.back().clean()) grid = grid.first(grid.size() - 1);
  if (grid.size() > 1 && grid.front().pure_noise()) grid = grid.subspan(1);
  const auto exponent = [](double sigma) { return std::log1p(sigma * sigma); };
  const double low = exponent(grid.back().ve_sigma()), high = exponent(grid.front().ve_sigma());
  clock.beta_d = 2 * (low / eps_s - high) / (eps_s - 1);
  clock.beta_min = high - clock.beta_d / 2;
  return clock;
}

/// z and its slope dz/dt (Eq. 4), from x of a path.
struct Moving {
  Tensor z, slope;
};

Moving moving(const SampleRun& run, const Tensor& x, const NoiseLevel& at, const Clock& clock) {
  const double sigma = at.ve_sigma(), s = clock.scale(sigma), rate = clock.rate(sigma);
  const double drift = rate / sigma - (clock.scaled ? sigma * rate * s * s : 0);
  const Tensor x0 = run.denoise(x, at).x0;
  return {combine(s / at.alpha, x, 0, x), combine(drift * s / at.alpha, x, -rate * s / sigma, x0)};
}

struct Settings {
  bool heun;
  Clock clock;
  bool fit;  // the clock to the grid's ends
  double alpha;
  Churn churn;
  LongSteps long_steps;
};

Tensor step(const SampleRun& run, const Placed& start, const NoiseLevel& to,
            const Settings& settings) {
  if (!to.clean() && too_long(start.at, to, settings.long_steps))
    return moved(run.denoise(start.x, start.at), start.x, start.at, to);
  const Clock& clock = settings.clock;
  const auto [z, first] = moving(run, start.x, start.at, clock);
  const double sigma = to.clean() ? 0 : to.ve_sigma(), t = clock.t(start.at.ve_sigma()),
               h = clock.t(sigma) - t;
  const double out = to.alpha / clock.scale(sigma);
  if (!settings.heun || to.clean()) return combine(out, z, out * h, first);
  const double alpha = settings.alpha, on = alpha * h, second = 1 / (2 * alpha);
  const double sigma_on = clock.sigma(t + on);
  const NoiseLevel there = alpha == 1 ? to : level_of(run, -std::log(sigma_on));
  const double back = there.alpha / clock.scale(sigma_on);
  const Tensor slope = moving(run, combine(back, z, back * on, first), there, clock).slope;
  return sum({{out, z}, {out * h * (1 - second), first}, {out * h * second, slope}});
}

Tensor edm(SampleRun run, Settings settings) {
  if (settings.fit) settings.clock = fitted(settings.clock, run.grid);
  return along_grid(
      run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t i) {
        if (from.pure_noise()) return moved(run.denoise(x, from), x, from, to);
        return step(run, churned(settings.churn, run, x, from, i + 1), to, settings);
      });
}

Clock clock_from(Params& params) {
  const std::string time = params.choice("time", {"linear", "ve", "vp"});
  const bool scaled = params.choice("scaling", {"none", "vp"}) == "vp";
  return {time == "linear" ? Time::linear : time == "ve" ? Time::ve : Time::vp, scaled, 0, 0};
}

}  // namespace

Sampler make_edm(Params& params) {
  Settings settings{params.choice("solver", {"heun", "euler"}) == "heun",
                    clock_from(params),
                    false,
                    params.number("alpha", 1),
                    {},
                    {}};
  const auto beta_d = params.number_if_given("beta_d", "(fits the grid)"),
             beta_min = params.number_if_given("beta_min", "(fits the grid)");
  settings.churn = churn_from(params);
  settings.long_steps = long_steps_from(params);
  settings.fit = !beta_d && !beta_min && settings.clock.time == Time::vp;
  settings.clock.beta_d = beta_d.value_or(19.9);
  settings.clock.beta_min = beta_min.value_or(0.1);
  if (!(settings.alpha > 0 && settings.alpha <= 1)) params.refuse("alpha", "must lie in (0, 1]");
  if (!(settings.clock.beta_d > 0)) params.refuse("beta_d", "must be positive");
  if (!(settings.clock.beta_min >= 0)) params.refuse("beta_min", "must not be negative");
  return [settings](SampleRun run) { return edm(std::move(run), settings); };
}

}  // namespace diffusion
