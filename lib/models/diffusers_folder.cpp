#include "lib/models/diffusers_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/models/fill_parameters.hpp"
#include "lib/models/folder_weights.hpp"
#include "lib/models/network_engine.hpp"
#include "lib/models/pipeline_drawing.hpp"
#include "lib/noise/prediction_type.hpp"
#include "lib/schedule/exchange/diffusers_config.hpp"
#include "lib/schedule/schedule_json.hpp"

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
                  join(parts, " or a ") + " alone are run here, or that network by itself: name " +
                  "its folder, and by `schedule` that of its scheduler");
}

struct Files {
  std::string config, weights;
  std::string scheduler;  // "": none
};

/// The scheduler's configuration: a pipeline has it in a folder of its own.
std::string scheduler_in(const std::string& folder) {
  std::error_code none;
  for (const std::string name : {"scheduler/scheduler_config.json", "scheduler_config.json"})
    if (const std::string path = folder + "/" + name; fs::is_regular_file(path, none)) return path;
  return "";
}

/// `variant` of the weights, "" for the usual ones.
Files files_of(const std::string& given, const std::string& variant) {
  const std::string folder = without_slashes(given);
  const std::string index = folder + "/model_index.json";
  std::error_code none;
  if (is_stream(index)) throw Error(index + ": is a pipe or a device, not a file");
  if (fs::exists(index, none)) check_pipeline(index);
  // The first releases had the files of both parts in the pipeline's folder.
  std::string network = folder;
  for (const std::string& part : parts_run_here())
    if (fs::is_directory(folder + "/" + part, none)) network = folder + "/" + part;
  return {first_of(network, {"config.json"}, ", so it is not a network that diffusers saved"),
          find_folder_weights(network, variant), scheduler_in(folder)};
}

/// What a network was trained on, which a folder without a scheduler does not say itself.
struct Trained {
  Schedule schedule;
  Prediction prediction;
};

Trained as_scheduler_says(const Files& files) {
  Schedule schedule = schedule_from_diffusers(read_json(files.scheduler), files.scheduler);
  pipeline_drawing(schedule, files.scheduler);  // refuses what is wrong with it
  const Prediction prediction = prediction_of(schedule, files.scheduler);
  return {std::move(schedule), prediction};
}

Trained as_told(const std::string& folder, const ModelOptions& options) {
  if (options.schedule.empty())
    throw Error(folder +
                ": has neither scheduler/scheduler_config.json nor scheduler_config.json, and a "
                "network does not say itself what noise it was trained on: `schedule` says it");
  Schedule schedule = load_schedule(options.schedule);
  const bool of_diffusers = schedule.extra.contains("diffusers");
  if (!of_diffusers && !options.exec.predict)
    throw Error(folder + ": has no scheduler_config.json, and " + options.schedule +
                " does not say what the network predicts, as a configuration of diffusers does");
  const Prediction prediction =
      options.exec.predict ? *options.exec.predict : prediction_of(schedule, options.schedule);
  return {std::move(schedule), prediction};
}

Trained trained_of(const std::string& folder, const Files& files, const ModelOptions& options) {
  if (files.scheduler.empty()) return as_told(without_slashes(folder), options);
  if (options.exec.predict)
    throw Error("`predict`: goes with programs and with networks that have no scheduler; " +
                files.scheduler + " says what this one predicts");
  return as_scheduler_says(files);
}

/// The words for the weights of a model file mean a folder's usual ones.
std::string variant_of(const ModelOptions& options) {
  const std::string weights = options.chosen_weights();
  return weights == "ema" || weights == "raw" ? "" : weights;
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

/// As we noted them, or else all that the network tells apart.
TrainedClasses classes_of(const Json& config, const NetworkImages& images, const Files& files) {
  const auto note = JsonAt(config, files.config).find(classes_note);
  return note ? trained_classes(*note, *note, images.labels) : classes_of_network(images);
}

/// Reads the file's weights into a network of that configuration.
void fill(Network& network, const Json& config, const Files& files) {
  nn::Parameters& weights = network.parameters();
  const auto tensors = open_folder_weights(files.weights);
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
  const Files files = files_of(path, variant_of(options));
  const Json config = read_json(files.config);
  const Trained trained = trained_of(path, files, options);
  const NetworkFace face{trained.prediction, trained.schedule.path};
  const NetworkImages images = images_of(config, files);
  const NetworkEngine engine = network_engine(options);
  const std::shared_ptr<Network> network = network_of(config, files, engine.make);
  network->compute_in(engine.working);
  Model model{.shape = {images.sides->height, images.sides->width, images.channels},
              .schedule = trained.schedule,
              .images = has_pictures(images.channels),
              .numbers = !has_pictures(images.channels),
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

ModelDescription describe_diffusers_folder(const std::string& path) {
  const Files files = files_of(path, "");
  const Json config = read_json(files.config);
  const NetworkImages images = of_config(files, [&] { return network_row(config).images(config); });
  ModelDescription about{.model = without_notes(config),
                         .schedule = Json::object(),
                         .objective = Json::object(),
                         .data = {{"channels", images.channels}},
                         .training = Json::object()};
  if (images.sides) about.data["size"] = {images.sides->height, images.sides->width};
  if (const TrainedClasses classes = classes_of(config, images, files); classes.count > 0)
    about.data.update({{"classes", classes.count}, {"label_names", classes.names}});
  if (files.scheduler.empty()) return about;
  const Trained trained = as_scheduler_says(files);
  about.schedule = schedule_to_json(trained.schedule);
  about.objective = {{"prediction", name_of(trained.prediction)}};
  return about;
}

TrainedClasses classes_in_diffusers_folder(const std::string& path) {
  const Files files = files_of(path, "");
  const Json config = read_json(files.config);
  return classes_of(config, of_config(files, [&] { return network_row(config).images(config); }),
                    files);
}

std::vector<WeightTensor> weights_of_diffusers_folder(const std::string& path) {
  return open_folder_weights(files_of(path, "").weights);
}

TrainedNetwork trained_in_diffusers_folder(const std::string& path, const ModelOptions& options) {
  const Files files = files_of(path, variant_of(options));
  const Json config = read_json(files.config);
  of_config(files, [&] { return network_row(config).images(config); });
  const Trained trained = trained_of(path, files, options);
  return {.name = path,
          .config = without_notes(config),
          .prediction = trained.prediction,
          .schedule = trained.schedule,
          .fill = [=](Network& network) { fill(network, config, files); }};
}

}  // namespace diffusion
