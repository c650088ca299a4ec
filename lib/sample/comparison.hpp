// Samplers side by side: how far from the ODE's solution they end, for how many
// evaluations.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/gnuplot.hpp"
#include "lib/sample/generate.hpp"

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
  const GenerateTools& tools;         // but for the sampler
  const std::size_t& asked;           // counts how often the model is asked about a batch
  const std::function<void()>& pass;  // called at every level
};

/// Draws the samples as generate() does.
ComparedRun compared_run(const std::string& sampler_spec, const ComparedBy& by);

double rms_distance(const Tensor& a, const Tensor& b);

/// The commands that draw distance over evaluations, both logarithmic, a line a sampler.
/// Runs without a distance are left out. Throws Error where none is left.
std::string comparison_script(std::span<const ComparedRun> runs, std::string_view reference,
                              PictureType type);

}  // namespace diffusion
