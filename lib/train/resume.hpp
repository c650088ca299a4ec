// Going on with a model file, or beginning with one: what a run takes over from it, and
// what it may not change.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/models/checkpoint.hpp"
#include "lib/models/trained_network.hpp"

#include "lib/train/training_set.hpp"

namespace diffusion {

/// What the configuration of a run is made of, each over the one before.
struct ConfigSources {
  const ModelFile* resumed = nullptr;         // goes on with it: with all that weights depend on
  const TrainedNetwork* from = nullptr;       // begins with its network, and what that predicts
  NetworkData data = NetworkData::pictures;   // what is trained on: it has a usual network
  std::string file = {};                      // JSON; "": none
  std::vector<std::string> assignments = {};  // "train.lr=1e-3"
  std::vector<std::pair<std::string, std::string>> settings = {};  // key.path and value
};

/// The defaults, and these over them. Throws Error where that would change what the
/// resumed run or the network of `from` depends on.
Json resolved_config(const ConfigSources& sources);

/// What the file was trained with, with the settings that it is older than as they were then;
/// nothing without a training record.
std::optional<Json> recorded_config(const ModelFile& file);

/// What the model file records of a configuration: how much memory this machine has is
/// no part of it.
Json of_the_run(Json config);

/// Throws Error where the images are not as many, or not such, as the file was trained on.
void need_same_images(const ModelFile& resumed, const TrainingSet& now);

/// Throws Error where `now` images are not as many as the file was trained on: their order
/// is that of a set of their number.
void need_same_images(const ModelFile& resumed, std::size_t now);

}  // namespace diffusion
