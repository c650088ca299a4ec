// What was trained before a run of diff-train.
#pragma once
#include <optional>

#include "lib/models/checkpoint.hpp"
#include "lib/models/data_units.hpp"
#include "lib/models/trained_network.hpp"
#include "lib/schedule/schedule.hpp"
#include "tools/train/options.hpp"

namespace diffusion {

/// What the run goes on with, or begins with.
struct Earlier {
  std::optional<ModelFile> resumed;
  std::optional<TrainedNetwork> from;
};

/// Whether it is --resume.
bool goes_on(const TrainRequest& request);

/// Opens it. Throws Error.
Earlier earlier_of(const TrainRequest& request);

/// The one asked for, or that of the earlier training, or else cosine. Throws Error where a resumed
/// run would change it.
Schedule choose_schedule(const TrainRequest& request, const Earlier& earlier);

/// What numbers the network was trained in before, where it was.
std::optional<DataUnits> units_of(const Earlier& earlier);

}  // namespace diffusion
