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

/// The ends that sigma_min and sigma_max do not set: those of the whole table, or of as
/// many steps spaced over it.
LambdaRange range_of_table(Params& params, const Schedule& schedule, int count) {
  const std::string range = params.choice("range", {"full", "trailing", "leading"});
  if (range == "full") return {schedule.levels.back().lambda, schedule.levels.front().lambda};
  const auto spaced = range == "trailing" ? trailing_grid(params, schedule, count)
                                          : leading_grid(params, schedule, count);
  return {spaced.front().lambda, spaced.back().lambda};
}

LambdaRange finite_range(Params& params, const Schedule& schedule, int count) {
  // Lambdas, not sigmas, so that the table's own ends keep their own timesteps.
  LambdaRange range = range_of_table(params, schedule, count);
  const auto take = [&](const char* key, double& lambda) {
    if (const auto sigma = params.number_if_given(key, "(schedule's)")) lambda = -std::log(*sigma);
  };
  take("sigma_max", range.noisiest);
  take("sigma_min", range.cleanest);
  if (!(range.noisiest <= range.cleanest && std::isfinite(range.noisiest) &&
        std::isfinite(range.cleanest)))
    throw Error("grid " + params.name() + ": needs 0 < sigma_min <= sigma_max < infinity, got " +
                significant(std::exp(-range.cleanest), 6) + " and " +
                significant(std::exp(-range.noisiest), 6) +
                " (the schedule's ends unless given; an end at zero SNR works with trailing)");
  return range;
}

/// i/(count - 1): 0 for the noisiest, 1 for the cleanest.
double share(int i, int count) { return count == 1 ? 0 : double(i) / (count - 1); }

/// Levels at lambda(share); round=1 hands the network whole timesteps.
template <class Lambda>
std::vector<NoiseLevel> levels_at(Params& params, const Schedule& schedule, int count,
                                  const Lambda& lambda) {
  const bool round = params.choice("round", {"0", "1"}) == "1";
  std::vector<NoiseLevel> levels;
  for (int i = 0; i < count; ++i) {
    levels.push_back(schedule.at_lambda(lambda(share(i, count))));
    if (round) levels.back().timestep = std::nearbyint(levels.back().timestep);
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
  const LambdaRange range = finite_range(params, schedule, count);
  const double rho = positive(params, "rho", 7);
  const double high = std::exp(-range.noisiest / rho), low = std::exp(-range.cleanest / rho);
  return levels_at(params, schedule, count, exact_ends(range, [&](double down) {
                     return -rho * std::log(high + down * (low - high));
                   }));
}

// Equal ratios of ve_sigma; with rho, the "polyexponential" of k-diffusion.
std::vector<NoiseLevel> exponential_grid(Params& params, const Schedule& schedule, int count) {
  const LambdaRange range = finite_range(params, schedule, count);
  const double rho = positive(params, "rho", 1);
  return levels_at(params, schedule, count, exact_ends(range, [&](double down) {
                     const double up = rho == 1 ? 1 - down : std::pow(1 - down, rho);
                     return std::lerp(range.noisiest, range.cleanest, 1 - up);
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
  const bool over_t = params.choice("over", {"sigma", "t"}) == "t";
  const double a = positive(params, "alpha", 0.6), b = positive(params, "beta", 0.6);
  const auto quantile = [&](double down) { return beta_quantile(1 - down, a, b); };
  if (!over_t) {
    const LambdaRange range = finite_range(params, schedule, count);
    const double high = std::exp(-range.noisiest), low = std::exp(-range.cleanest);
    return levels_at(params, schedule, count, exact_ends(range, [&](double down) {
                       return -std::log(low + quantile(down) * (high - low));
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
