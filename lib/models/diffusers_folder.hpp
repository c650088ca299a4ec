// Networks as diffusers saves them: a folder with a configuration and the weights.
#pragma once
#include <string>
#include <vector>

#include "lib/models/checkpoint.hpp"
#include "lib/models/model.hpp"
#include "lib/models/trained_classes.hpp"
#include "lib/models/trained_network.hpp"

namespace diffusion {

/// A pipeline's folder (model_index.json, a network's folder, scheduler/) or a network's
/// (config.json and weights as find_folder_weights finds them, with scheduler_config.json beside
/// it or in scheduler/, or with a schedule in `options`): one of networks(), whose weights have
/// their present names or those of early releases. Throws Error that names the file: also where
/// something is missing, where the pipeline has parts that are not run here, and where the
/// scheduler's settings are none.
Model load_diffusers_folder(const std::string& path, const ModelOptions& options);

/// What such a folder tells of what a model file describes: nothing of its training, and nothing of
/// schedule and objective where no scheduler is there.
ModelDescription describe_diffusers_folder(const std::string& path);
/// The classes that it tells apart.
TrainedClasses classes_in_diffusers_folder(const std::string& path);
/// Its usual weights.
std::vector<WeightTensor> weights_of_diffusers_folder(const std::string& path);

/// The network of such a folder, to be trained further; weights, schedule and what it predicts as
/// in load_diffusers_folder.
TrainedNetwork trained_in_diffusers_folder(const std::string& path, const ModelOptions& options);

}  // namespace diffusion
