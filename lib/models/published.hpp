// Networks as the programs of their authors write them: weights under those programs' names, in
// files that do not say all of what the network is.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/params.hpp"
#include "lib/models/state_dict.hpp"
#include "lib/models/trained_network.hpp"

namespace diffusion {

/// As a network of networks() has it.
struct ConvertedNetwork {
  Json config;
  std::vector<WeightTensor> weights;
};

/// One row a program.
struct PublishedForm {
  std::string_view name, summary, reference;
  std::string_view schedule;  // that it trains on, a spec; "": no one
  Prediction prediction;      // of the network as it is converted
  /// Asks for what files do not say, and returns what reads one. Both throw Error.
  std::function<ConvertedNetwork(StateDict weights)> (*make)(Params& params);
};

std::span<const PublishedForm> published_forms();

/// What such a form asks for.
std::vector<Parameter> published_parameters(const PublishedForm& row);

/// What is said of a file of such weights.
struct PublishedFile {
  std::string path;
  std::string form;                           // a spec: "adm:size=64,head_channels=64"
  std::string weights = "";                   // "ema", "raw"; "": the average where there is one
  std::string schedule = "";                  // a spec; "": the row's
  std::optional<Prediction> prediction = {};  // nothing: the row's
};

/// The network there. Throws Error that names the file, also where it has weights that are no part
/// of the network and where it lacks some.
TrainedNetwork open_published_network(const PublishedFile& file);

/// The rows' factories.
std::function<ConvertedNetwork(StateDict)> dit_form(Params& params);
std::function<ConvertedNetwork(StateDict)> sit_form(Params& params);
std::function<ConvertedNetwork(StateDict)> adm_form(Params& params);

}  // namespace diffusion
