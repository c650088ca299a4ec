// Networks as diffusers saves them: a folder with a configuration and the weights.
#pragma once
#include <string>

#include "lib/models/model.hpp"
#include "lib/models/trained_network.hpp"

namespace diffusion {

/// A pipeline's folder (model_index.json, a network's folder, scheduler/) or a network's
/// (config.json and diffusion_pytorch_model.safetensors or .bin, with scheduler_config.json
/// beside it or in scheduler/): one of networks(), whose weights have their present names or
/// those of early releases. Throws Error that names the file: also where something is missing,
/// where the pipeline has parts that are not run here, and where the scheduler's settings are none.
Model load_diffusers_folder(const std::string& path, const ModelOptions& options);

/// The network of such a folder, to be trained further.
TrainedNetwork trained_in_diffusers_folder(const std::string& path);

}  // namespace diffusion
