// Grids that choose levels between the steps of a table, with interpolated timesteps.
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/grids/beta_distribution.hpp"
#include "lib/schedule/grids/grids.hpp"

namespace diffusion {
namespace {

struct LambdaRange {
  double noisiest, cleanest;
};

/// What a grid is spaced over: sigma/alpha, or tau = sigma/(alpha + sigma), which is 1 at
/// pure noise and the time of the straight path.
enum class Over { sigma, tau };

Over over_from(Params& params) {
  return params.choice("over", {"sigma", "tau"}) == "tau" ? Over::tau : Over::sigma;
}

double place_of(Over over, double lambda) {
  return over == Over::sigma ? std::exp(-lambda) : 1 / (1 + std::exp(lambda));
}

double lambda_of(Over over, double place) {
  return over == Over::sigma ? -std::log(place) : std::log1p(-place) - std::log(place);
}

/// The ends that sigma_min and sigma_max do not set: those of the whole table, or of as
/// many steps spaced over it.
LambdaRange range_of_table(Params& params, const Schedule& schedule, int count) {
  const std::string range = params.choice("range", {"full", "trailing", "leading"});
  if (range == "full") return {schedule.levels.back().lambda, schedule.levels.front().lambda};
  const auto spaced = range == "trailing" ? trailing_grid(params, schedule, count)
                                          : leading_grid(params, schedule, count);
  return {spaced.front().lambda, spaced.back().lambda};
}

/// Over tau the noisiest may be pure noise.
LambdaRange finite_range(Params& params, const Schedule& schedule, int count,
                         Over over = Over::sigma) {
  // Lambdas, not sigmas, so that the table's own ends keep their own timesteps.
  LambdaRange range = range_of_table(params, schedule, count);
  const auto take = [&](const char* key, double& lambda) {
    if (const auto sigma = params.number_if_given(key, "(schedule's)")) lambda = -std::log(*sigma);
  };
  take("sigma_max", range.noisiest);
  take("sigma_min", range.cleanest);
  const bool starts = std::isfinite(range.noisiest) || over == Over::tau;
  if (!(range.noisiest <= range.cleanest && starts && std::isfinite(range.cleanest)))
    throw Error("grid " + params.name() + ": needs 0 < sigma_min <= sigma_max < infinity, got " +
                significant(std::exp(-range.cleanest), 6) + " and " +
                significant(std::exp(-range.noisiest), 6) +
                " (the schedule's ends unless given; an end at zero SNR works with trailing)");
  return range;
}

/// i/(count - 1): 0 for the noisiest, 1 for the cleanest.
double share(int i, int count) { return count == 1 ? 0 : double(i) / (count - 1); }

double rounded(double timestep, const std::string& how) {
  if (how == "0") return timestep;
  return how == "1" ? std::nearbyint(timestep) : std::floor(timestep);
}

/// Levels at lambda(share); round=1 and round=down hand the network whole timesteps.
template <class Lambda>
std::vector<NoiseLevel> levels_at(Params& params, const Schedule& schedule, int count,
                                  const Lambda& lambda) {
  const std::string round = params.choice("round", {"0", "1", "down"});
  std::vector<NoiseLevel> levels;
  for (int i = 0; i < count; ++i) {
    levels.push_back(schedule.at_lambda(lambda(share(i, count))));
    levels.back().timestep = rounded(levels.back().timestep, round);
  }
  return levels;
}

/// lambda(share), but the ends themselves, which rounding would miss.
template <class Lambda>
auto exact_ends(const LambdaRange& range, const Lambda& lambda) {
  return [=](double down) {
    if (down == 0 || down == 1) return down == 0 ? range.noisiest : range.cleanest;
    return lambda(down);
  };
}

double positive(Params& params, const char* key, double fallback) {
  const double value = params.number(key, fallback);
  if (!(value > 0 && std::isfinite(value))) params.refuse(key, "must be positive");
  return value;
}

}  // namespace

// Karras et al. 2022, Eq. 5, on ve_sigma = sigma/alpha.
std::vector<NoiseLevel> karras_grid(Params& params, const Schedule& schedule, int count) {
  const Over over = over_from(params);
  const LambdaRange range = finite_range(params, schedule, count, over);
  const double rho = positive(params, "rho", 7);
  const double high = std::pow(place_of(over, range.noisiest), 1 / rho),
               low = std::pow(place_of(over, range.cleanest), 1 / rho);
  return levels_at(params, schedule, count, exact_ends(range, [&](double down) {
                     return lambda_of(over, std::pow(high + down * (low - high), rho));
                   }));
}

// Equal ratios of ve_sigma; with rho, the "polyexponential" of k-diffusion.
std::vector<NoiseLevel> exponential_grid(Params& params, const Schedule& schedule, int count) {
  const Over over = over_from(params);
  const LambdaRange range = finite_range(params, schedule, count, over);
  const double rho = positive(params, "rho", 1);
  const double high = std::log(place_of(over, range.noisiest)),
               low = std::log(place_of(over, range.cleanest));
  return levels_at(params, schedule, count, exact_ends(range, [&](double down) {
                     const double up = rho == 1 ? 1 - down : std::pow(1 - down, rho);
                     return lambda_of(over, std::exp(std::lerp(high, low, 1 - up)));
                   }));
}

// Lu et al. 2022, "DPM-Solver", Sec. 3.4.
std::vector<NoiseLevel> lambda_grid(Params& params, const Schedule& schedule, int count) {
  const LambdaRange range = finite_range(params, schedule, count);
  return levels_at(params, schedule, count, exact_ends(range, [&](double down) {
                     return std::lerp(range.noisiest, range.cleanest, down);
                   }));
}

// Lee et al. 2024, "Beta Sampling is All You Need": quantiles of a beta distribution,
// dense at both ends. The paper lays them over t, the peers mostly over sigma.
std::vector<NoiseLevel> beta_grid(Params& params, const Schedule& schedule, int count) {
  const std::string name = params.choice("over", {"sigma", "tau", "t"});
  const bool over_t = name == "t";
  const Over over = name == "tau" ? Over::tau : Over::sigma;
  const double a = positive(params, "alpha", 0.6), b = positive(params, "beta", 0.6);
  const auto quantile = [&](double down) { return beta_quantile(1 - down, a, b); };
  if (!over_t) {
    const LambdaRange range = finite_range(params, schedule, count, over);
    const double high = place_of(over, range.noisiest), low = place_of(over, range.cleanest);
    return levels_at(params, schedule, count, exact_ends(range, [&](double down) {
                       return lambda_of(over, low + quantile(down) * (high - low));
                     }));
  }
  std::vector<NoiseLevel> levels;
  for (int i = 0; i < count; ++i) {
    const double t = std::nearbyint(1 + quantile(share(i, count)) * (schedule.steps() - 1));
    const NoiseLevel level = schedule.at(std::int64_t(t));
    if (levels.empty() || level.lambda != levels.back().lambda) levels.push_back(level);
  }
  return levels;
}

// Equal steps of tau = sigma/(alpha + sigma), the time of the straight path, shifted (Esser
// et al. 2024, Eq. 23) and stretched so that the last is `terminal`: diffusers'
// FlowMatchEulerDiscreteScheduler.
std::vector<NoiseLevel> tau_grid(Params& params, const Schedule& schedule, int count) {
  const LambdaRange range = finite_range(params, schedule, count, Over::tau);
  const double shift = positive(params, "shift", 1);
  const auto terminal = params.number_if_given("terminal", "(as it is)");
  if (terminal && !(*terminal > 0 && *terminal < 1))
    params.refuse("terminal", "must lie in (0, 1)");
  const double high = place_of(Over::tau, range.noisiest),
               low = place_of(Over::tau, range.cleanest);
  const auto shifted = [&](double tau) { return shift * tau / (1 + (shift - 1) * tau); };
  const double stretch = terminal ? (1 - *terminal) / (1 - shifted(count == 1 ? high : low)) : 1;
  return levels_at(params, schedule, count, [&](double down) {
    const double tau = shifted(std::lerp(high, low, down));
    return lambda_of(Over::tau, terminal ? 1 - stretch * (1 - tau) : tau);
  });
}

namespace {

/// How many evaluations each step of DPM-Solver-fast takes, `count` in all; the step to clean
/// data stands alone.
std::vector<int> fast_steps(int count, bool clean) {
  std::vector<int> steps;
  for (int left = count; left > 0; left -= steps.back()) {
    steps.push_back(left == 3 ? 2 : std::min(left, 3));
    if (clean && steps.back() == left && left > 1) --steps.back();
  }
  return steps;
}

}  // namespace

// Lu et al. 2022, "DPM-Solver", App. D.3: steps of third order, equal in lambda, and shorter
// ones at the end, each with the levels in it where it asks.
std::vector<NoiseLevel> fast_grid(Params& params, const Schedule& schedule, int count) {
  const LambdaRange range = finite_range(params, schedule, count);
  const bool clean = params.given("final") != "sigma_min";
  std::vector<int> steps = fast_steps(clean ? count : count - 1, clean);
  if (clean && !steps.empty()) steps.pop_back();
  std::vector<double> places{0};
  for (std::size_t step = 0; step < steps.size(); ++step)
    for (int part = 1; part <= steps[step]; ++part)
      places.push_back((double(step) + double(part) / steps[step]) / double(steps.size()));
  std::size_t next = 0;
  return levels_at(params, schedule, count, [&](double) {
    const double down = places[next++];
    return down == 1 ? range.cleanest : std::lerp(range.noisiest, range.cleanest, down);
  });
}

// Equal steps of the time of the variance-preserving SDE (Song et al. 2021; Karras et al.
// 2022, Table 1), whose own sigmas these are, whatever the schedule.
std::vector<NoiseLevel> vp_grid(Params& params, const Schedule& schedule, int count) {
  const double beta_d = positive(params, "beta_d", 19.9);
  const double beta_min = positive(params, "beta_min", 0.1);
  const double eps_s = positive(params, "eps_s", 1e-3);
  if (eps_s >= 1) params.refuse("eps_s", "must lie in (0, 1)");
  return levels_at(params, schedule, count, [&](double down) {
    const double t = std::lerp(1, eps_s, down);
    return -std::log(std::expm1(beta_d * t * t / 2 + beta_min * t)) / 2;
  });
}

}  // namespace diffusion
