// A trained network that another training begins with.
#pragma once
#include <functional>
#include <string>

#include "lib/models/data_units.hpp"
#include "lib/models/network.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion {

struct TrainedNetwork {
  std::string name;  // where it lies
  Json config;       // of the architecture, without what it says of its images
  Prediction prediction = Prediction::eps;
  Schedule schedule;     // that it was trained on
  DataUnits units = {};  // that it was trained in
  /// Fills a network of that architecture with the weights that would be sampled.
  std::function<void(Network&)> fill;
};

/// Of a model file, or of a folder of diffusers (see load_diffusers_folder), for which, where it
/// has no scheduler, `schedule` names one that also says what the network predicts. Throws Error.
TrainedNetwork open_trained_network(const std::string& path, const std::string& schedule = "");

}  // namespace diffusion
