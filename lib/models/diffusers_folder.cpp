#include "lib/models/diffusers_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/models/fill_parameters.hpp"
#include "lib/models/network_engine.hpp"
#include "lib/models/trained_classes.hpp"
#include "lib/noise/prediction_type.hpp"
#include "lib/schedule/exchange/diffusers_config.hpp"

namespace diffusion {
namespace {

namespace fs = std::filesystem;

/// The first of some files of a folder that is there. Throws Error that names them all.
std::string first_of(const std::string& folder, const std::vector<std::string>& names,
                     const std::string& hint = "") {
  std::error_code none;
  for (const std::string& name : names)
    if (const std::string path = folder + "/" + name; fs::is_regular_file(path, none)) return path;
  throw Error(folder + ": has " + (names.size() > 1 ? "neither " : "no ") + join(names, " nor ") +
              hint);
}

/// What pipelines call the networks that are run here.
std::vector<std::string> parts_run_here() {
  std::vector<std::string> parts;
  for (const NetworkInfo& row : networks())
    if (!row.part.empty() && std::ranges::find(parts, row.part) == parts.end())
      parts.emplace_back(row.part);
  return parts;
}

/// A pipeline says which parts it has; those that change what a network makes are not run.
void check_pipeline(const std::string& path) {
  const Json index = read_json(path);
  const auto parts = parts_run_here();
  const JsonAt at(index, path);
  const auto has = [&](const std::string& part) { return at.object().contains(part); };
  if (std::ranges::none_of(parts, has))
    throw Error(path + ": a pipeline without a " + join(parts, " or a ") +
                ", which is all that is run of one here");
  for (const std::string part : {"vae", "vqvae", "text_encoder", "bert", "prior", "transformer"})
    if (has(part) && std::ranges::find(parts, part) == parts.end())
      throw Error(path + ": a pipeline with a " + part + "; only those that make images by a " +
                  join(parts, " or a ") + " alone are run here");
}

struct Files {
  std::string config, weights, scheduler;
};

Files files_of(const std::string& given) {
  std::string folder = given;
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  const std::string index = folder + "/model_index.json";
  std::error_code none;
  if (is_stream(index)) throw Error(index + ": is a pipe or a device, not a file");
  if (fs::exists(index, none)) check_pipeline(index);
  // The first releases had the files of both parts in the pipeline's folder.
  std::string network = folder;
  for (const std::string& part : parts_run_here())
    if (fs::is_directory(folder + "/" + part, none)) network = folder + "/" + part;
  return {first_of(network, {"config.json"}, ", so it is not a network that diffusers saved"),
          first_of(network, {"diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin"}),
          first_of(folder, {"scheduler/scheduler_config.json", "scheduler_config.json"},
                   ", and a network does not say itself what noise it was trained on")};
}

/// What `get` gets from the configuration; its errors open with the file.
template <class Get>
auto of_config(const Files& files, const Get& get) {
  try {
    return get();
  } catch (const Error& e) {
    throw Error(files.config + ": " + e.what());
  }
}

NetworkImages images_of(const Json& config, const Files& files) {
  const NetworkImages images = of_config(files, [&] { return network_row(config).images(config); });
  if (!images.sides)
    throw Error(files.config + ": says no sample_size, so that there is no size to draw");
  return images;
}

/// As we noted them, or else all labels.
TrainedClasses classes_of(const Json& config, const NetworkImages& images, const Files& files) {
  const auto note = JsonAt(config, files.config).find(classes_note);
  return note ? trained_classes(*note, *note, images.labels) : labels_as_classes(images.labels);
}

/// Reads the file's weights into a network of that configuration.
void fill(Network& network, const Json& config, const Files& files) {
  nn::Parameters& weights = network.parameters();
  const auto tensors = open_weights(files.weights);
  const PublishedWeights published{.tensors = tensors,
                                   .prefix = "",
                                   .culprit = files.weights,
                                   .current_name = network_row(config).current_name};
  check_parameters(published, weights);  // before they take memory
  fill_parameters(published, weights, weights.values());
  weights.touch();
}

std::shared_ptr<Network> network_of(const Json& config, const Files& files,
                                    const NetworkMaker& make) {
  std::shared_ptr<Network> network = of_config(files, [&] { return make(config, networks()); });
  fill(*network, config, files);
  return network;
}

/// Keys that begin with an underscore are diffusers' own, but for the name.
Json without_notes(Json config) {
  for (auto entry = config.begin(); entry != config.end();)
    entry = entry.key().starts_with('_') && entry.key() != "_class_name" ? config.erase(entry)
                                                                         : std::next(entry);
  return config;
}

}  // namespace

Model load_diffusers_folder(const std::string& path, const ModelOptions& options) {
  const std::string weights = options.chosen_weights();
  if (weights != "ema" && weights != "raw")
    throw Error(path + ": has no weights '" + weights + "', but one set only");
  const Files files = files_of(path);
  const Json config = read_json(files.config);
  const Schedule schedule = schedule_from_diffusers(read_json(files.scheduler), files.scheduler);
  const NetworkFace face{prediction_of(schedule, files.scheduler), schedule.path};
  const NetworkImages images = images_of(config, files);
  const NetworkEngine engine = network_engine(options);
  const std::shared_ptr<Network> network = network_of(config, files, engine.make);
  network->compute_in(engine.working);
  Model model{.shape = {images.sides->height, images.sides->width, images.channels},
              .schedule = schedule,
              .images = true,
              .predicts = face.prediction,
              .on_device = engine.on_device,
              .batches_at_once = engine.batches_at_once,
              .denoiser = {}};
  TrainedClasses classes = classes_of(config, images, files);
  model.labels = classes.count;
  model.label_names = std::move(classes.names);
  model.unconditional = classes.unconditional;
  model.denoiser = denoisers_of(network, face, classes.none);
  return model;
}

TrainedNetwork trained_in_diffusers_folder(const std::string& path) {
  const Files files = files_of(path);
  const Json config = read_json(files.config);
  of_config(files, [&] { return network_row(config).images(config); });
  const Schedule schedule = schedule_from_diffusers(read_json(files.scheduler), files.scheduler);
  return {.name = path,
          .config = without_notes(config),
          .prediction = prediction_of(schedule, files.scheduler),
          .schedule = schedule,
          .fill = [=](Network& network) { fill(network, config, files); }};
}

}  // namespace diffusion
