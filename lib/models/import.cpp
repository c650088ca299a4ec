#include "lib/models/import.hpp"

#include <cmath>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/models/checkpoint.hpp"
#include "lib/models/diffusers_folder.hpp"
#include "lib/noise/prediction_type.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "lib/tensor/formats/safetensors.hpp"

namespace diffusion {
namespace {

/// What diffusers' class and that of the authors leave out of labels as they train, where they know
/// of one that is none.
constexpr double usual_label_dropout = 0.1;

ImportedNetwork of_folder(const PublishedFile& from) {
  ModelOptions options{.weights = from.weights, .schedule = from.schedule};
  options.exec.predict = from.prediction;
  return {.network = trained_in_diffusers_folder(from.path, options),
          .classes = classes_in_diffusers_folder(from.path),
          .form = "diffusers"};
}

ImportedNetwork of_file(const PublishedFile& from) {
  TrainedNetwork network = open_published_network(from);
  try {
    const NetworkImages images = network_row(network.config).images(network.config);
    return {std::move(network), classes_of_network(images),
            from.form.substr(0, from.form.find(':'))};
  } catch (const Error& e) {
    throw Error(from.path + ": as " + from.form + ": " + e.what());
  }
}

ModelDescription described(const ImportedNetwork& imported) {
  const TrainedNetwork& network = imported.network;
  const TrainedClasses& classes = imported.classes;
  const NetworkImages images = network_row(network.config).images(network.config);
  if (!images.sides) throw Error(network.name + ": says no size of its images");
  ModelDescription about{.model = network.config,
                         .schedule = schedule_to_json(network.schedule),
                         .objective = {{"prediction", name_of(network.prediction)}},
                         .data = {{"size", {images.sides->height, images.sides->width}},
                                  {"channels", images.channels}},
                         .training = {{"imported", imported.form}}};
  if (classes.count == 0) return about;
  about.data.update({{"classes", classes.count}, {"label_names", classes.names}});
  if (classes.none && classes.unconditional) about.objective["label_dropout"] = usual_label_dropout;
  return about;
}

void need_finite(const nn::Parameters& weights, const std::string& culprit) {
  for (const nn::Param& param : weights.all())
    for (const float weight : weights.value(param))
      if (!std::isfinite(weight))
        throw Error(culprit + ": the weights of " + param.name + " are not all finite");
}

/// A model file needs no import.
void refuse_own(const std::string& path) {
  const RandomAccessFile file(path);
  if (kind_of_file(file) != FileKind::safetensors) return;
  const SafetensorsFile weights(path);
  const auto& metadata = weights.metadata();
  const auto format = metadata.find("format");
  if (format != metadata.end() && format->second == model_format)
    throw Error(path + ": is a model file of these tools already");
}

}  // namespace

ImportedNetwork open_import(const PublishedFile& from) {
  std::error_code none;
  const bool folder = std::filesystem::is_directory(from.path, none);
  if (folder && !from.form.empty())
    throw Error("`as` " + from.form + ": is for a file of weights; " + from.path +
                " is a folder, whose configuration says what it is");
  if (!folder) refuse_own(from.path);
  if (!folder && from.form.empty())
    throw Error(from.path + ": weights alone do not say what network they are of: `as` does");
  return folder ? of_folder(from) : of_file(from);
}

void write_import(const std::string& path, const ImportedNetwork& imported) {
  const ModelDescription about = described(imported);
  const auto network = make_blank_network(imported.network.config);
  imported.network.fill(*network);
  const nn::Parameters& weights = network->parameters();
  need_finite(weights, imported.network.name);
  const std::vector<WeightSet> sets{{"", weights.values()}};
  write_model_file(path, about, weights, sets);
}

}  // namespace diffusion
