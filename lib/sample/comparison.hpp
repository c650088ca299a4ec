// Samplers side by side: how far from the ODE's solution they end, for how many
// evaluations.
#pragma once
#include <atomic>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/gnuplot.hpp"
#include "lib/sample/generate.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion {

/// One sampler on one grid.
struct ComparedRun {
  std::string sampler;  // spec
  std::size_t steps;
  Tensor samples;
  double evaluations;  // of the model, for a sample
  double seconds;      // for a sample
  bool draws_noise;
  std::optional<double> distance = {};  // RMS to the solution; none where noise is drawn
};

/// What all runs share.
struct ComparedBy {
  const GenerateRequest& request;
  const GenerateTools& tools;             // but for the sampler
  const std::atomic<std::size_t>& asked;  // counts each image that the model is asked about
  const std::function<void()>& pass;      // called at every level
};

/// Draws the samples as generate() does.
ComparedRun compared_run(const std::string& sampler_spec, const ComparedBy& by);

/// Which samplers, on which grids, against what.
struct ComparisonPlan {
  std::vector<std::string> samplers;  // specs
  std::vector<int> steps;             // of each grid
  std::string grid = "trailing";      // spec
  std::string reference;              // a sampler that stands for the solution
};

struct SamplerComparison {
  ComparedRun reference;
  std::vector<ComparedRun> runs;  // all step counts of the first sampler, then of the next
};

/// What a comparison draws with.
struct ComparisonTools {
  GenerateRequest request;
  const Schedule& schedule;
  const DenoiserOf& denoiser;
  const NoiseSource& noise;
  const std::atomic<std::size_t>& asked;  // counts each image that the model is asked about
  // Called at every level, with what is being done: "ddim, 20 steps".
  std::function<void(const std::string& now)> passed;
};

/// Every sampler on every grid; distances are those to the reference on all steps of the
/// schedule, 1000 at most. Throws Error for a grid that has its own number of steps, for
/// grids that begin at several levels, and for a reference that draws noise.
SamplerComparison compared(const ComparisonPlan& plan, const ComparisonTools& tools);

double rms_distance(const Tensor& a, const Tensor& b);

/// The commands that draw distance over evaluations, both logarithmic, a line a sampler.
/// Runs without a distance are left out. Throws Error where none is left.
std::string comparison_script(std::span<const ComparedRun> runs, std::string_view reference,
                              PictureType type);

}  // namespace diffusion
