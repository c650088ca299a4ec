#include "lib/models/trained_network.hpp"

#include <filesystem>
#include <memory>

#include "lib/models/checkpoint.hpp"
#include "lib/models/diffusers_folder.hpp"

namespace diffusion {
namespace {

TrainedNetwork of_model_file(const std::string& path) {
  const auto file = std::make_shared<const ModelFile>(path);
  return {.name = file->name(),
          .config = file->description().model,
          .prediction = file->prediction(),
          .schedule = file->schedule(),
          .units = data_units(file->data()),
          .fill = [file](Network& network) {
            nn::Parameters& weights = network.parameters();
            file->read(file->prefix_of(""), weights, weights.values());
            weights.touch();
          }};
}

}  // namespace

TrainedNetwork open_trained_network(const std::string& path, const std::string& schedule) {
  std::error_code none;
  TrainedNetwork trained = std::filesystem::is_directory(path, none)
                               ? trained_in_diffusers_folder(path, {.schedule = schedule})
                               : of_model_file(path);
  const NetworkInfo& row = network_row(trained.config);
  trained.config = without_keys(std::move(trained.config), row.image_keys);
  return trained;
}

}  // namespace diffusion
