#include "lib/schedule/schedule.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/transition.hpp"

namespace diffusion {
namespace {

std::string step_name(std::size_t index) { return "(t = " + std::to_string(index + 1) + ")"; }

constexpr double smallest_product = 1e-290;  // well above what loses digits

double flow_timestep(double tau) { return 1000 * tau; }

NoiseLevel straight_level(double tau) {
  return {std::log((1 - tau) / tau), 1 - tau, tau, flow_timestep(tau)};
}

}  // namespace

NoiseLevel Schedule::at(std::int64_t t) const {
  if (t == 0) return clean_level(path);
  if (t < 0 || t > steps())
    throw Error("t = " + std::to_string(t) + ": the schedule has steps 1.." +
                std::to_string(steps()) + " (0 is clean)");
  return levels[std::size_t(t - 1)];
}

NoiseLevel Schedule::at_lambda(double lambda) const {
  NoiseLevel level = on_path(path, lambda);
  // lambda falls along the table: find the first entry at or below it.
  const auto above = std::ranges::lower_bound(levels, lambda, std::greater{}, &NoiseLevel::lambda);
  const bool listed = above != levels.end() && above->lambda == lambda;
  if (path == Path::straight && !listed) {
    level.timestep = flow_timestep(level.sigma);
  } else if (above == levels.begin()) {
    level.timestep = levels.front().timestep;
  } else if (above == levels.end() || listed) {
    level.timestep = (above == levels.end() ? levels.back() : *above).timestep;
  } else {
    const NoiseLevel &cleaner = *(above - 1), &noisier = *above;
    // Towards an infinite lambda every inner point is at the finite end.
    const double gap = cleaner.lambda - noisier.lambda;
    double share = (cleaner.lambda - lambda) / gap;
    if (std::isinf(gap)) share = std::isinf(cleaner.lambda) ? 1 : 0;
    level.timestep = cleaner.timestep + share * (noisier.timestep - cleaner.timestep);
  }
  return level;
}

NoiseLevel Schedule::at_timestep(double timestep) const {
  const auto above = std::ranges::lower_bound(levels, timestep, {}, &NoiseLevel::timestep);
  if (above != levels.end() && above->timestep == timestep) return *above;
  if (path == Path::straight) return straight_level(std::clamp(timestep / 1000, 0.0, 1.0));
  if (above == levels.begin()) return levels.front();
  if (above == levels.end()) return levels.back();
  const NoiseLevel &cleaner = *(above - 1), &noisier = *above;
  // Next to an infinite lambda every inner point is at the finite end.
  if (noisier.pure_noise()) return cleaner;
  const double share = (timestep - cleaner.timestep) / (noisier.timestep - cleaner.timestep);
  NoiseLevel level = on_path(path, std::lerp(cleaner.lambda, noisier.lambda, share));
  level.timestep = timestep;
  return level;
}

Schedule from_betas(std::vector<double> betas) {
  Schedule made{.family = "custom", .path = Path::variance_preserving};
  made.levels.reserve(betas.size());
  double alpha_bar = 1, noise = 0;  // noise = 1 - alpha_bar
  double log_alpha_bar = 0;         // carries on where the product underflows
  for (std::size_t i = 0; i < betas.size(); ++i) {
    const double beta = betas[i];
    if (!(beta >= 0 && beta <= 1))
      throw Error("betas[" + std::to_string(i) + "] " + step_name(i) + ": " + shortest(beta) +
                  " is outside [0, 1]");
    if (beta == 1 && i + 1 < betas.size())
      throw Error("betas[" + std::to_string(i) + "] " + step_name(i) +
                  ": 1 is allowed at the last step only");
    noise = beta == 1 ? 1 : noise + alpha_bar * beta;
    alpha_bar *= 1 - beta;
    log_alpha_bar += std::log1p(-beta);
    const bool tiny = alpha_bar < smallest_product;
    const double log_snr = tiny ? log_alpha_bar - std::log(noise) : std::log(alpha_bar / noise);
    made.levels.push_back({log_snr / 2, tiny ? std::exp(log_alpha_bar / 2) : std::sqrt(alpha_bar),
                           std::sqrt(std::min(noise, 1.0)), double(i)});
  }
  made.betas = std::move(betas);
  return made;
}

Schedule from_alpha_bars(const std::vector<double>& alpha_bars) {
  std::vector<double> betas;
  double before = 1;
  for (std::size_t i = 0; i < alpha_bars.size(); ++i) {
    const double now = alpha_bars[i];
    if (!(now >= 0 && now <= before && before > 0))
      throw Error("alphas_cumprod[" + std::to_string(i) + "] " + step_name(i) + ": " +
                  shortest(now) + " where they must fall from 1 towards 0");
    betas.push_back((before - now) / before);
    before = now;
  }
  return from_betas(std::move(betas));
}

Schedule from_sigmas(Path path, const std::vector<double>& sigmas) {
  Schedule made{.family = "custom", .path = path};
  const double most = path == Path::straight ? 1 : HUGE_VAL;
  for (std::size_t i = 0; i < sigmas.size(); ++i) {
    const double sigma = sigmas[i];
    if (!(sigma >= 0 && sigma <= most && std::isfinite(sigma)))
      throw Error(
          "sigmas[" + std::to_string(i) + "] " + step_name(i) + ": " + shortest(sigma) +
          (path == Path::straight ? " is outside [0, 1]" : " is not a finite positive number"));
    if (path == Path::straight)
      made.levels.push_back(straight_level(sigma));
    else
      made.levels.push_back({0 - std::log(sigma), 1, sigma, double(i)});  // not -0 at sigma = 1
  }
  return made;
}

Schedule from_lambdas(Path path, const std::vector<double>& lambdas) {
  Schedule made{.family = "custom", .path = path};
  for (std::size_t i = 0; i < lambdas.size(); ++i) {
    NoiseLevel level = on_path(path, lambdas[i]);
    level.timestep = path == Path::straight ? flow_timestep(level.sigma) : double(i);
    made.levels.push_back(level);
  }
  if (path == Path::variance_preserving) made.betas = betas_of(made.levels);
  return made;
}

const char* path_name(Path path) {
  switch (path) {
    case Path::variance_preserving:
      return "vp";
    case Path::variance_exploding:
      return "ve";
    case Path::straight:
      return "flow";
  }
  __builtin_unreachable();
}

Path path_named(const std::string& name, const std::string& culprit) {
  for (const Path path : {Path::variance_preserving, Path::variance_exploding, Path::straight})
    if (name == path_name(path)) return path;
  throw Error(culprit + ": unknown process '" + name + "' (have: vp, ve, flow)");
}

std::vector<double> betas_of(std::span<const NoiseLevel> levels) {
  std::vector<double> betas;
  NoiseLevel before = clean_level(Path::variance_preserving);
  for (const NoiseLevel& level : levels) {
    // Two forms of 1 - alpha_bar/alpha_bar': each where it does not cancel.
    const double ratio = forward_step(before, level).scale;
    const double gained = level.sigma * level.sigma - before.sigma * before.sigma;
    const bool little = before.sigma < 0.5 && !level.pure_noise();
    betas.push_back(little ? gained / (before.alpha * before.alpha) : 1 - ratio * ratio);
    before = level;
  }
  return betas;
}

Schedule respaced(const Schedule& schedule, std::span<const NoiseLevel> grid) {
  Schedule made{.family = "custom", .path = schedule.path, .extra = schedule.extra};
  for (const NoiseLevel& level : grid)
    if (!level.clean()) made.levels.insert(made.levels.begin(), level);
  if (made.path == Path::variance_preserving) made.betas = betas_of(made.levels);
  if (made.levels.empty()) throw Error("a schedule needs at least one step that is not clean");
  return made;
}

}  // namespace diffusion
