#include <memory>

#include "lib/base/error.hpp"
#include "lib/models/checkpoint.hpp"
#include "lib/models/mixture.hpp"
#include "lib/models/model.hpp"
#include "lib/models/model_denoiser.hpp"

namespace diffusion {
namespace {

/// H x W x C of what a model file was trained on.
Shape trained_shape(const ModelFile& file) {
  try {
    const Json& data = file.description().data;
    return {data.at("size").at(0).get<std::size_t>(), data.at("size").at(1).get<std::size_t>(),
            data.at("channels").get<std::size_t>()};
  } catch (const Json::exception&) {
    throw Error(file.name() + ": metadata 'data' must hold size (H, W) and channels");
  }
}

Model load_model_file(const std::string& path, const ModelOptions& options) {
  const ModelFile file(path);
  Model model{
      .shape = trained_shape(file), .schedule = file.schedule(), .images = true, .denoiser = {}};
  std::shared_ptr<Network> network = file.network(options.weights);
  network->compute_in(options.precision);
  model.denoiser = [network = std::shared_ptr<const Network>(std::move(network)),
                    face = file.face()](std::span<const int>) {
    return model_denoiser(network, face);
  };
  return model;
}

}  // namespace

std::span<const ModelInfo> model_kinds() {
  static constexpr ModelInfo rows[] = {
      {"mixture:", "isotropic Gaussian mixture from a JSON file; exact, no network",
       "diff-formats(5)", load_mixture},
  };
  return rows;
}

Model load_model(const std::string& spec, const ModelOptions& options) {
  for (const ModelInfo& row : model_kinds()) {
    if (spec == row.prefix) throw Error(spec + " names no file");
    if (spec.starts_with(row.prefix)) return row.load(spec.substr(row.prefix.size()));
  }
  if (spec.ends_with(".json"))
    throw Error(spec + ": a model file is .safetensors; a mixture is named mixture:" + spec);
  return load_model_file(spec, options);
}

}  // namespace diffusion
