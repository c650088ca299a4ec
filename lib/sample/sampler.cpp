#include "lib/sample/sampler.hpp"

#include <cmath>

#include "lib/schedule/schedule.hpp"

namespace diffusion {
namespace {

/// sigma/(alpha + sigma): a time that all paths have.
double tau_of(const NoiseLevel& at) { return at.sigma / (at.alpha + at.sigma); }

NoiseLevel at_tau(Path path, double tau) { return on_path(path, std::log1p(-tau) - std::log(tau)); }

bool is_whole(double timestep) { return timestep == std::floor(timestep); }

}  // namespace

NoiseLevel level_of(const SampleRun& run, double lambda) {
  return run.schedule ? run.schedule->at_lambda(lambda) : on_path(run.path, lambda);
}

NoiseLevel level_between(const SampleRun& run, const NoiseLevel& from, const NoiseLevel& to,
                         double part) {
  if (!run.schedule) return at_tau(run.path, std::lerp(tau_of(from), tau_of(to), part));
  const double timestep = std::lerp(from.timestep, to.timestep, part);
  const bool whole = is_whole(from.timestep) && is_whole(to.timestep);
  return run.schedule->at_timestep(whole ? std::floor(timestep + 0.5) : timestep);
}

NoiseLevel level_at_share(const SampleRun& run, const NoiseLevel& at, double share) {
  if (!run.schedule) return at_tau(run.path, share * tau_of(at));
  const double timestep = share * at.timestep;
  return run.schedule->at_timestep(is_whole(at.timestep) ? std::floor(timestep) : timestep);
}

}  // namespace diffusion
