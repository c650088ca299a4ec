// What every sampler is: a function from a run to samples.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "lib/base/registry.hpp"
#include "lib/noise/denoiser.hpp"

namespace diffusion {

struct Schedule;

/// Standard normal noise, of the states' shape, for draw number 1, 2, ... of a
/// run (0 is the start). Addressed by draw, never by when it is asked for.
using NoiseDraw = std::function<Tensor(const Shape& shape, std::uint32_t draw)>;

/// Told of the state at each level of the grid, the start being index 0.
using LevelWatch = std::function<void(std::uint32_t index, const Tensor& x)>;

/// Everything a sampler may look at. A sampler keeps no state between runs.
struct SampleRun {
  const Denoiser& denoise;
  Tensor x;                          // N x H x W x C, at grid.front(), in the path's scale
  std::span<const NoiseLevel> grid;  // noisiest first; the last may be clean
  Path path = Path::variance_preserving;
  NoiseDraw noise = {};                // the fresh noise of stochastic samplers
  LevelWatch at_level = {};            // whoever records the trajectory
  const Schedule* schedule = nullptr;  // knows levels between the grid's; none: no timesteps
  std::uint64_t first = 0;             // number of the first sample of x
  std::size_t intervals = 0;           // of the whole walk that the grid is a part of; 0: it is all
};

inline std::size_t intervals_of(const SampleRun& run) {
  return run.intervals != 0 ? run.intervals : run.grid.size() - 1;
}

inline void report(const SampleRun& run, std::uint32_t index, const Tensor& x) {
  if (run.at_level) run.at_level(index, x);
}

/// The level of half log-SNR `lambda`, with the timestep that a network wants there.
NoiseLevel level_of(const SampleRun& run, double lambda);

/// The level the share `part` of the way between two levels in the timestep, on a whole one
/// (halves go up) where those of both are whole. Without timesteps, in sigma/(alpha + sigma).
NoiseLevel level_between(const SampleRun& run, const NoiseLevel& from, const NoiseLevel& to,
                         double part);

/// The level at such a share of another's timestep, rounded down to a whole one where that
/// is whole. Without timesteps, at the share of sigma/(alpha + sigma).
NoiseLevel level_at_share(const SampleRun& run, const NoiseLevel& at, double share);

/// Carries run.x along run.grid and returns the state at its last level.
using Sampler = std::function<Tensor(SampleRun)>;

/// Whether a sampler draws noise on its way.
enum class Draws { none, noise };

/// Who says where the denoiser is asked: the grid; or the state itself, so that samples
/// must travel alone if their batch is not to change them.
enum class Pace { grid, state };

/// Whether a walk is more than its steps one by one (history, ends that differ); whether
/// steps stand for themselves; or whether a step also needs no more than one estimate, made
/// where it starts: then steps can be taken by estimates from elsewhere.
enum class Steps { linked, separate, alone };

/// One row a sampler; the tools' help, the manual check and the property tests read it.
struct SamplerInfo {
  std::string_view name, summary, reference;
  int order;               // of convergence, verified by tests/sample/order_test.cpp
  Draws draws;             // with its default parameters
  std::string_view calls;  // evaluations of the denoiser an interval: "1", "2"
  Sampler (*make)(Params&);
  Steps steps = Steps::linked;
  Pace pace = Pace::grid;

  static std::span<const Synonym> synonyms();
};

std::span<const SamplerInfo> samplers();

/// The row that a spec names. Throws Error for unknown names.
const SamplerInfo& sampler_row(std::string_view spec);

/// From "ddim:eta=1". Throws Error for unknown names and parameters.
Sampler make_sampler(std::string_view spec);

}  // namespace diffusion
