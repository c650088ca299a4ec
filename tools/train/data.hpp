// The images of a training run.
#pragma once
#include <cstddef>
#include <optional>

#include "lib/base/ranks.hpp"
#include "lib/image/data_set.hpp"
#include "lib/models/data_units.hpp"
#include "lib/train/config.hpp"
#include "lib/train/training_set.hpp"
#include "tools/train/options.hpp"

namespace diffusion {

struct TrainingData {
  TrainingSet images;
  std::optional<TrainingSet> validation;  // held out of the images, or others of their size
  std::size_t failures;                   // files that could not be read, and were named
};

/// What is asked for, and what an earlier training leaves no choice of.
struct DataRequest {
  const TrainRequest& run;
  std::vector<DataArgument> data;  // of `run`, looked at
  const TrainConfig& config;
  std::optional<DataUnits> units = {};  // that the network was trained in before
};

/// Reads what is trained on, and what is validated on. Several ranks stream what can be read
/// again: each decodes only what it draws. Throws Error.
TrainingData load_data(const cli::Tool& tool, DataRequest request, const Ranks& ranks);

}  // namespace diffusion
