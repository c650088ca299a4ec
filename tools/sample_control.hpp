// How a model's estimates are steered on the way: classes and guidance, clipping.
#pragma once
#include <cstdint>
#include <vector>

#include "lib/sample/generate.hpp"
#include "tools/cli.hpp"
#include "tools/sample_classes.hpp"

namespace diffusion {

struct ControlRequest {
  cli::ClassRequest classes;
  bool no_clip = false;
};

void add_control_options(CLI::App& app, ControlRequest& request);

/// The denoisers of samples `first`, `first` + 1, ... of a seed, which take turns in
/// `classes` (chosen_classes). Refers to its arguments.
DenoiserOf steered(const Model& model, const std::vector<int>& classes,
                   const ControlRequest& request, std::uint64_t first);

}  // namespace diffusion
