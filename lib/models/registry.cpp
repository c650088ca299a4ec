#include <algorithm>
#include <filesystem>
#include <memory>

#include "lib/base/error.hpp"
#include "lib/models/checkpoint.hpp"
#include "lib/models/diffusers_folder.hpp"
#include "lib/models/empirical.hpp"
#include "lib/models/exec_model.hpp"
#include "lib/models/mixture.hpp"
#include "lib/models/model.hpp"
#include "lib/models/network_engine.hpp"
#include "lib/models/trained_classes.hpp"
#include "lib/noise/wrappers.hpp"

namespace diffusion {
namespace {

constexpr std::int64_t most_side = 1 << 16;  // also of channels: their product is counted

/// H x W x C of what a model file was trained on.
Shape trained_shape(const ModelFile& file) {
  const JsonAt size = file.data()["size"];
  if (!size.json().is_array() || size.json().size() != 2) size.refuse("[height, width]");
  Shape shape;
  for (const JsonAt& side : size.array()) shape.push_back(std::size_t(side.whole(1, most_side)));
  shape.push_back(std::size_t(file.data()["channels"].whole(1, most_side)));
  return shape;
}

Model load_model_file(const std::string& path, const ModelOptions& options) {
  auto opened = std::make_shared<const ModelFile>(path);
  const ModelFile& file = *opened;
  const Shape shape = trained_shape(file);
  const DataUnits units = data_units(file.data());
  Model model{.shape = shape,
              .schedule = file.schedule(),
              .images = !units.any() && has_pictures(shape[2]),
              .numbers = units.any() || !has_pictures(shape[2]),
              .units = units,
              .predicts = file.face().prediction,
              .denoiser = {}};
  TrainedClasses classes = trained_classes(file.data(), file.objective(), file.images().labels);
  model.labels = classes.count;
  model.label_names = std::move(classes.names);
  model.unconditional = classes.unconditional;
  const NetworkEngine engine = network_engine(options);
  model.on_device = engine.on_device;
  model.batches_at_once = engine.batches_at_once;
  std::shared_ptr<Network> network = file.network(options.chosen_weights(), engine.make);
  network->compute_in(engine.working);
  model.denoiser = denoisers_of(std::move(network), file.face(), classes.none);
  model.file = std::move(opened);
  return model;
}

}  // namespace

namespace {

bool is_folder(const std::string& spec) {
  std::error_code none;
  return std::filesystem::is_directory(spec, none);
}

/// A model that speaks for itself needs nothing said of it, and what is said of it in vain
/// was meant for another.
void refuse_exec_options(const ExecOptions& given, const std::string& spec) {
  const auto refuse = [&](const std::string& setting) {
    throw Error(setting + ": goes with an exec:COMMAND model; " + spec + " says itself what it is");
  };
  if (given.predict && !is_folder(spec)) refuse("`predict`");
  if (given.shape) refuse("`shape`");
  if (given.classes) refuse("`classes`");
  if (given.patience) refuse("`exec-timeout`");
}

/// Models of these kinds have no network that is run here.
void refuse_network_options(const ModelOptions& given, const std::string& prefix) {
  const auto refuse = [&](const std::string& setting) {
    throw Error(setting + ": means nothing to " + prefix + " models, only to networks");
  };
  if (!given.weights.empty()) refuse("`weights`");
  if (given.precision) refuse("`precision`");
  if (!given.engine.device.empty())
    throw Error("`device` " + given.engine.device + ": " + prefix +
                " models have no network, so that there is nothing for a device to do");
}

}  // namespace

std::span<const ModelInfo> model_kinds() {
  static constexpr ModelInfo rows[] = {
      {"mixture:", "isotropic Gaussian mixture from a JSON file; exact, no network",
       "diff-formats(5)", "no file", load_mixture},
      {"empirical:", "the exact optimum for the images of DATA, which it knows by heart",
       "diff-sample(1)", "no images", load_empirical},
      {"exec:", "a program in any language that is asked for each prediction", "diff-sample(1)",
       "no command", load_exec},
  };
  return rows;
}

namespace {

/// What was meant by FILE.json in the place of a model.
[[noreturn]] void refuse_json(const std::string& spec) {
  const std::filesystem::path path(spec);
  const std::string name = path.filename().string();
  if (name != "model_index.json" && name != "config.json")
    throw Error(spec + ": a model file is .safetensors; a mixture is named mixture:" + spec);
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  throw Error(spec + ": a model of diffusers is named by its folder, " + folder);
}

}  // namespace

bool names_model_file(const std::string& spec) {
  const auto has_prefix = [&](const ModelInfo& row) { return spec.starts_with(row.prefix); };
  return std::ranges::none_of(model_kinds(), has_prefix) && !is_folder(spec);
}

namespace {

Model load_any(const std::string& spec, const ModelOptions& options) {
  if (!spec.starts_with("exec:")) refuse_exec_options(options.exec, spec);
  for (const ModelInfo& row : model_kinds()) {
    if (spec == row.prefix) throw Error(spec + " names " + std::string(row.nothing));
    if (!spec.starts_with(row.prefix)) continue;
    refuse_network_options(options, std::string(row.prefix));
    return row.load(spec.substr(row.prefix.size()), options);
  }
  if (spec.ends_with(".json")) refuse_json(spec);
  return names_model_file(spec) ? load_model_file(spec, options)
                                : load_diffusers_folder(spec, options);
}

}  // namespace

Model load_model(const std::string& spec, const ModelOptions& options) {
  Model model = load_any(spec, options);
  model.denoiser = [spec, inner = std::move(model.denoiser)](std::span<const int> labels) {
    return finite(inner(labels), spec);
  };
  return model;
}

}  // namespace diffusion
