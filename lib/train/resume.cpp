#include "lib/train/resume.hpp"

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/train/settings.hpp"

namespace diffusion {
namespace {

Json config_to_go_on_with(const ModelFile& file) {
  auto config = recorded_config(file);
  if (!config) throw Error(file.name() + ": has no training record to go on from");
  return *std::move(config);
}

/// What weights depend on: how they were trained, and will be, may differ.
Json of_the_weights(Json config) {
  Json& model = config["model"];
  model = without_keys(model, network_row(model).training_keys);
  return config;
}

/// Throws Error, opened by the file that described it, where this is not a network.
void check_network(const Json& model, const std::string& file) {
  try {
    network_row(model).check(model);
  } catch (const Error& e) {
    throw Error(file + ": " + e.what());
  }
}

/// The defaults for such data. Points cost so little that many of them make a step, whose gradient
/// is then less noisy.
Json usual_config(NetworkData data) {
  Json config = default_config();
  config["model"] = default_network(usual_network(data));
  if (data == NetworkData::points) config["train"]["batch"] = 512;
  return config;
}

/// What model files bring to a configuration.
Json begun_config(const ConfigSources& sources) {
  Json config = usual_config(sources.data);
  if (sources.resumed) {
    merge_config(config, config_to_go_on_with(*sources.resumed), sources.resumed->name());
    check_network(config["model"], sources.resumed->name());
  }
  if (!sources.from) return config;
  config["model"] = Json::object();
  merge_config(config,
               {{"model", sources.from->config},
                {"objective", {{"prediction", std::string(name_of(sources.from->prediction))}}}},
               sources.from->name);
  check_network(config["model"], sources.from->name);
  return config;
}

/// Throws Error where `now` is not what those model files allow.
void check_unchanged(const ConfigSources& sources, const Json& then, const Json& now) {
  if (sources.resumed)
    if (const auto difference = fixed_difference(then, now))
      throw Error(sources.resumed->name() + ": was trained with another " + *difference +
                  "; `resume` cannot change that");
  if (sources.from)
    if (const auto difference = model_difference(of_the_weights(then), of_the_weights(now)))
      throw Error(sources.from->name + ": its network has another " + *difference +
                  "; `from` cannot change that");
}

}  // namespace

Json resolved_config(const ConfigSources& sources) {
  const Json begun = begun_config(sources);
  Json config = begun;
  if (!sources.file.empty()) merge_config(config, read_json(sources.file), sources.file);
  for (const std::string& assignment : sources.assignments) set_config(config, assignment);
  for (const auto& [path, value] : sources.settings) set_config(config, path, value);
  check_unchanged(sources, begun, config);
  return config;
}

std::optional<Json> recorded_config(const ModelFile& file) {
  const auto recorded = file.training().find("config");
  if (!recorded) return std::nullopt;
  Json config = recorded->object();
  if (config.contains("data") && config["data"].is_object() && !config["data"].contains("alpha"))
    config["data"]["alpha"] = "drop";
  return config;
}

Json of_the_run(Json config) {
  config["data"].erase("memory");
  return config;
}

void need_same_images(const ModelFile& resumed, const TrainingSet& now) {
  need_same_images(resumed, now.size());
  const NetworkImages then = resumed.images();
  if (then.channels != now.channels())
    throw Error("the images have " + count_of(now.channels(), "channel") + ", and those that " +
                resumed.name() + " was trained on have " + std::to_string(then.channels) +
                "; `resume` goes on with the same ones");
}

void need_same_images(const ModelFile& resumed, std::size_t now) {
  const auto recorded = resumed.data().find("images");
  const std::size_t then = recorded ? std::size_t(recorded->whole()) : now;
  if (then != now)
    throw Error(resumed.name() + ": was trained on " + count_of(then, "image") +
                ", and these are " + std::to_string(now) + "; `resume` goes on with the same ones");
}

}  // namespace diffusion
