#include "lib/models/diffusers_export.hpp"

#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/path.hpp"
#include "lib/base/temporary.hpp"
#include "lib/models/trained_classes.hpp"
#include "lib/noise/prediction_type.hpp"
#include "lib/schedule/exchange/diffusers_config.hpp"
#include "lib/schedule/exchange/foreign.hpp"

namespace diffusion {
namespace {

namespace fs = std::filesystem;

constexpr const char* score_scheduler = "ScoreSdeVeScheduler";

/// A pipeline that draws with a network and a scheduler alone.
struct Pipeline {
  std::string_view name, network, scheduler;
};
constexpr Pipeline pipelines[] = {
    {"DDPMPipeline", "UNet2DModel", "DDPMScheduler"},
    {"DDIMPipeline", "UNet2DModel", "DDIMScheduler"},
    {"ScoreSdeVePipeline", "UNet2DModel", score_scheduler},
};

/// What is to be known of a model to write it.
struct Source {
  const ModelFile& file;
  const NetworkInfo& network;
  NetworkImages images;
  VarianceOutput variance;
};

Source source_of(const ModelFile& file) {
  const Json& config = file.description().model;
  const NetworkInfo& row = network_row(config);
  return {file, row, file.images(), file.variance()};
}

[[noreturn]] void refuse(const ModelFile& file, const std::string& why) {
  throw Error(file.name() + ": " + why + "; `to` safetensors writes the weights alone");
}

void check_network(const Source& source) {
  const Json& config = source.file.description().model;
  const std::string name(source.network.name);
  if (source.network.part.empty()) refuse(source.file, "diffusers has no " + name);
  if (!source.network.beyond_diffusers) return;
  const std::string beyond = source.network.beyond_diffusers(config);
  if (!beyond.empty()) refuse(source.file, "a " + name + " of diffusers has not " + beyond);
}

bool predicts_scores(const ModelFile& file) { return file.prediction() == Prediction::ncsn; }

void check_scheduler(const Source& source, const std::string& scheduler) {
  const bool for_scores = scheduler == score_scheduler;
  if (predicts_scores(source.file) && for_scores) return;
  if (for_scores || predicts_scores(source.file))
    throw Error("`class` " + scheduler + ": " + source.file.name() + " predicts " +
                std::string(name_of(source.file.prediction())) + "; " + score_scheduler +
                " is for networks that predict ncsn, and for no others");
  if (source.file.schedule().path != Path::variance_preserving)
    refuse(source.file,
           std::string("was trained on the path ") + path_name(source.file.schedule().path) +
               ", for which diffusers has no scheduler that hands a network what it knows");
  if (source.variance == VarianceOutput::learned && scheduler != "DDPMScheduler")
    throw Error("`class` " + scheduler + ": takes no learned variance, which " +
                source.file.name() + " has; DDPMScheduler does");
}

/// How it was sampled here, in place of what an imported schedule says of others.
Json drawing_keys(const Source& source, const std::string& scheduler) {
  if (scheduler == score_scheduler) return Json::object();
  Json keys = {{"clip_sample", true},
               {"clip_sample_range", 1.0},
               {"thresholding", false},
               {"timestep_spacing", "trailing"},
               {"steps_offset", 0}};
  if (scheduler == "DDIMScheduler")
    keys["set_alpha_to_one"] = true;
  else
    keys["variance_type"] =
        source.variance == VarianceOutput::learned ? "learned_range" : "fixed_small";
  return keys;
}

Json scheduler_config(const Source& source, const std::string& scheduler) {
  Schedule schedule = source.file.schedule();
  schedule.extra.erase("diffusers");
  if (scheduler == score_scheduler)  // which the network was told, whatever the schedule says
    for (NoiseLevel& level : schedule.levels) level.timestep = level.ve_sigma() / 2;
  try {
    Json config = diffusers_from_schedule(schedule, scheduler);
    config.update(drawing_keys(source, scheduler));
    return with_prediction(std::move(config), source.file.prediction());
  } catch (const Error& e) {
    refuse(source.file, e.what());
  }
}

/// The network's own, and, under a key that diffusers passes over, what a model file tells of
/// classes.
Json network_config(const Source& source) {
  Json config = source.file.description().model;
  config["_class_name"] = source.network.name;
  if (source.images.labels == 0) return config;
  Json note = Json::object();
  for (const char* key : {"classes", "label_names"})
    if (const auto value = source.file.data().find(key)) note[key] = value->json();
  if (const auto dropout = source.file.objective().find("label_dropout"))
    note["label_dropout"] = dropout->json();
  config[classes_note] = note;
  return config;
}

ExportedFolder described(const Source& source, const std::string& scheduler) {
  ExportedFolder made{.network = std::string(source.network.name), .scheduler = scheduler};
  for (const Pipeline& row : pipelines)
    if (row.network == made.network && row.scheduler == scheduler) made.pipeline = row.name;
  if (made.pipeline.empty()) {
    made.lacking = "no pipeline of diffusers draws with a " + made.network + " alone";
  } else if (source.images.labels > 0) {
    made.lacking = made.pipeline + " passes no classes to a network";
  } else if (source.variance == VarianceOutput::learned) {
    made.lacking = "DDIMPipeline, to which any such folder may be given, takes no learned variance";
  }
  if (!made.lacking.empty()) made.pipeline.clear();
  return made;
}

Json model_index(const Source& source, const ExportedFolder& made) {
  const auto part = [](const std::string& name) { return Json::array({"diffusers", name}); };
  return {{"_class_name", made.pipeline},
          {std::string(source.network.part), part(made.network)},
          {"scheduler", part(made.scheduler)}};
}

/// Fails where there is something already.
void need_new(const std::string& folder) {
  std::error_code none;
  if (!fs::exists(fs::symlink_status(folder, none))) return;
  if (!fs::is_directory(folder, none)) throw Error(folder + ": is there already, and not a folder");
  if (!fs::is_empty(folder, none))
    throw Error(folder + ": is there already, and not empty; name another folder");
}

/// A folder that appears under its name when all is in it.
class NewFolder {
 public:
  explicit NewFolder(std::string path) : path_(std::move(path)), temporary_(temporary_name(path_)) {
    need_new(path_);
    make_folder(temporary_);
  }
  ~NewFolder() {
    std::error_code none;
    fs::remove_all(temporary_, none);
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;

  /// The path of a file in it, whose folder there is then.
  std::string file(std::string_view name) const {
    const fs::path path = fs::path(temporary_) / name;
    make_folder(path.parent_path().string());
    return path.string();
  }
  void appear() {
    std::error_code failed;
    fs::rename(temporary_, path_, failed);
    if (failed) throw Error(path_ + ": cannot be written (" + failed.message() + ")");
  }

 private:
  std::string path_, temporary_;
};

}  // namespace

std::vector<std::string> exported_schedulers() {
  return {"DDPMScheduler", "DDIMScheduler", score_scheduler};
}

ExportedFolder write_diffusers_folder(const ModelFile& file, const std::string& folder,
                                      const DiffusersExport& how) {
  const Source source = source_of(file);
  const std::string usual = predicts_scores(file) ? score_scheduler : exported_schedulers().front();
  const std::string scheduler = how.scheduler.empty() ? usual : how.scheduler;
  check_network(source);
  check_scheduler(source, scheduler);
  const Json schedule = scheduler_config(source, scheduler);
  const ExportedFolder made = described(source, scheduler);
  NewFolder target(without_slashes(folder));
  const std::string network = std::string(source.network.part) + "/";
  write_state_dict(file, target.file(network + "diffusion_pytorch_model.safetensors"), how.weights);
  write_file(target.file(network + "config.json"), to_text(network_config(source)));
  write_file(target.file(std::string("scheduler/") + diffusers_config_name), python_json(schedule));
  if (!made.pipeline.empty())
    write_file(target.file("model_index.json"), to_text(model_index(source, made)));
  target.appear();
  return made;
}

void write_state_dict(const ModelFile& file, const std::string& path, const std::string& weights) {
  const auto network = file.network(weights);
  const nn::Parameters& parameters = network->parameters();
  std::vector<SafetensorsArray> arrays;
  for (const nn::Param& param : parameters.all())
    arrays.push_back(safetensors_array(param.name, param.shape,
                                       parameters.values().subspan(param.offset, param.size)));
  write_safetensors(path, std::move(arrays), {{"format", "pt"}});  // as its loaders ask for
}

}  // namespace diffusion
