// An average of a training run's weights of any width, made after the fact of those that the
// run's snapshots hold: Karras et al. 2023, "Analyzing and Improving the Training Dynamics of
// Diffusion Models", Sec. 3.2.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lib/models/checkpoint.hpp"

namespace diffusion {

/// The weights, and how near their profile is to the one asked for.
struct PosthocAverage {
  std::unique_ptr<Network> network;
  ModelDescription description;  // of the last snapshot; its training tells of the average
  std::uint64_t updates;         // at which the average ends
  std::size_t averages;          // that it is made of
  double error;                  // ProfileFit::error
};

/// The average of width `sigma_rel` at the last update of these model files; their order makes no
/// difference, and the same average twice counts once. Throws Error where a file holds no
/// power-function averages, or is of another run.
PosthocAverage posthoc_average(const std::vector<std::string>& paths, double sigma_rel);

/// Writes a model file whose weights are the average.
void write_average(const std::string& path, const PosthocAverage& average);

}  // namespace diffusion
