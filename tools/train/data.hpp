// The images of a training run.
#pragma once
#include <cstddef>
#include <optional>

#include "lib/base/ranks.hpp"
#include "lib/train/config.hpp"
#include "lib/train/training_set.hpp"
#include "tools/train/options.hpp"

namespace diffusion {

struct TrainingData {
  TrainingSet images;
  std::optional<TrainingSet> validation;  // held out of the images, or others of their size
  std::size_t failures;                   // files that could not be read, and were named
};

/// Reads what is trained on, and what is validated on. Several ranks stream what can be read
/// again: each decodes only what it draws. Throws Error.
TrainingData load_data(const cli::Tool& tool, const TrainRequest& request,
                       const TrainConfig& config, const Ranks& ranks);

}  // namespace diffusion
