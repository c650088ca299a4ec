#include "tools/train_run.hpp"

#include <chrono>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "lib/train/config.hpp"
#include "lib/train/model_config.hpp"
#include "lib/train/trainer.hpp"
#include "lib/train/training_set.hpp"
#include "tools/train_log.hpp"

namespace diffusion {
namespace {

using cli::ExitCode;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// What would be found out only at the first checkpoint, found out now.
void check_output(const TrainRequest& request) {
  cli::refuse_terminal(request.output, "a model file");
  if (request.until < 0)
    throw Error("--until: must be a step, got " + shortest(double(request.until)));
  if (request.resume && request.force)
    throw Error("--resume goes on with the model file, --force starts anew: give one of them");
  if (!request.resume && !request.force && std::filesystem::is_regular_file(request.output))
    throw Error(request.output +
                ": exists already; --resume goes on with it, --force starts anew over it");
  if (request.output != "-") AtomicFile probe(request.output);
}

std::optional<ModelFile> resumed_file(const TrainRequest& request) {
  if (!request.resume) return std::nullopt;
  if (request.output == "-") throw Error("--resume: needs the model file to go on with: -o FILE");
  return ModelFile(request.output);
}

const Json& recorded_config(const ModelFile& file) {
  const Json& training = file.description().training;
  if (!training.contains("config") || !training["config"].is_object())
    throw Error(file.name() + ": has no training record to go on from");
  return training["config"];
}

Schedule choose_schedule(const TrainRequest& request, const std::optional<ModelFile>& resumed) {
  if (!resumed) return load_schedule(request.schedule.empty() ? "cosine" : request.schedule);
  Schedule then = resumed->schedule();
  if (request.schedule.empty()) return then;
  const Schedule now = load_schedule(request.schedule);
  if (schedule_to_json(now) != schedule_to_json(then))
    throw Error(request.schedule + ": is not the schedule that " + resumed->name() +
                " was trained on; --resume needs no -s");
  return then;
}

LoadedImages load_images(cli::Tool& tool, const TrainRequest& request,
                         const TrainConfig::Data& data) {
  ImageSetOptions options = request.reading;
  options.size = data.size;
  options.crop = data.crop;
  options.channels = data.channels;
  if (data.labels && data.labels != "own") options.labels = data.labels;
  if (request.data.empty() && !options.list)
    throw Error("no images to train on: name a folder, files or an array");
  const ImageSet set = open_images(request.data, options);
  Progress progress(tool.progress(), "reading", set.count.value_or(0), "images");
  LoadedImages loaded = load_training_set(
      set, data.labels ? LabelUse::keep : LabelUse::ignore,
      [&](std::size_t done, const std::optional<std::size_t>&) { progress.update(done); });
  progress.finish();
  for (const std::string& failure : loaded.failures) tool.complain(failure);
  return loaded;
}

std::string count_of(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void announce(const cli::Tool& tool, const TrainingSet& images, const Trainer& trainer) {
  tool.say(count_of(images.size(), "image") + " of " + std::to_string(images.height()) + " x " +
           std::to_string(images.width()) + " x " + std::to_string(images.channels()) + " (" +
           human_bytes(double(images.memory())) + "), a network of " +
           count_of(trainer.network().parameters().size(), "weight"));
}

/// Steps until the end, the step asked for, or Ctrl-C; saves on the way.
ExitCode run_steps(cli::Tool& tool, const TrainRequest& request, Trainer& trainer) {
  const TrainConfig& config = trainer.config();
  const std::uint64_t last =
      request.until > 0 ? std::min(std::uint64_t(request.until), config.steps) : config.steps;
  const std::uint64_t begun = trainer.progress().steps;
  TrainingLog log(request.log, begun);
  Progress progress(tool.progress(), "training", last * config.batch, "images");
  const auto start = Clock::now();
  while (trainer.progress().steps < last && !interrupted()) {
    const auto step_start = Clock::now();
    const StepReport report = trainer.step();
    log.add(report, double(config.batch) / seconds_since(step_start));
    progress.update(report.step * config.batch, "step " + std::to_string(report.step) + "/" +
                                                    std::to_string(last) + ", loss " +
                                                    significant(trainer.progress().mean_loss, 3));
    const bool due = config.save_every > 0 && report.step % config.save_every == 0;
    if (due && report.step < last && request.output != "-") trainer.save(request.output);
  }
  progress.finish();
  const TrainingProgress& done = trainer.progress();
  if (done.steps > begun) trainer.save(request.output);
  if (done.skipped > 0) tool.say(count_of(done.skipped, "step") + " skipped: not finite");
  const double rate = double((done.steps - begun) * config.batch) / seconds_since(start);
  tool.say((request.output == "-" ? "standard output" : request.output) + ": step " +
           std::to_string(done.steps) + " of " + std::to_string(config.steps) + ", mean loss " +
           significant(done.mean_loss, 3) + ", " + significant(rate, 3) + " images/s");
  if (done.steps >= last) return ExitCode::done;
  tool.say(done.steps > begun ? "stopped; --resume goes on" : "stopped before the first step");
  return ExitCode::stopped;
}

/// The flags that say what the images become, as keys of the configuration.
void set_image_keys(Json& config, const ImageSetOptions& options) {
  const auto text = [](const ImageSize& size) {
    return std::to_string(size.first) + "x" + std::to_string(size.second);
  };
  if (options.size) set_config(config, "data.size", text(*options.size));
  if (options.crop) set_config(config, "data.crop", text(*options.crop));
  if (options.channels) set_config(config, "data.channels", std::to_string(*options.channels));
}

}  // namespace

Json resolved_config(cli::Tool& tool, const TrainRequest& request) {
  const auto resumed = resumed_file(request);
  Json config = default_config();
  if (resumed) merge_config(config, recorded_config(*resumed), resumed->name());
  const Json before = config;
  if (!request.config_file.empty())
    merge_config(config, read_json(request.config_file), request.config_file);
  for (const std::string& assignment : request.sets) set_config(config, assignment);
  for (const auto& [path, value] : request.flags) set_config(config, path, value);
  set_image_keys(config, request.reading);
  if (tool.app().count("--seed") > 0)
    set_config(config, "train.seed", std::to_string(tool.common().seed));
  if (resumed)
    if (const auto difference = fixed_difference(before, config))
      throw Error(request.output + ": was trained with another " + *difference +
                  "; --resume cannot change that");
  return config;
}

/// The order of images is that of a set of their number.
void need_same_images(const ModelFile& resumed, std::size_t now) {
  const std::size_t then = resumed.description().data.value("images", now);
  if (then != now)
    throw Error(resumed.name() + ": was trained on " + count_of(then, "image") +
                ", and these are " + std::to_string(now) + "; --resume goes on with the same ones");
}

ExitCode train(cli::Tool& tool, const TrainRequest& request) {
  const Json config = resolved_config(tool, request);
  const TrainConfig parsed = parse_config(config);
  check_output(request);
  const auto resumed = resumed_file(request);
  Schedule schedule = choose_schedule(request, resumed);
  catch_interrupts();
  const LoadedImages loaded = load_images(tool, request, parsed.data);
  if (resumed) need_same_images(*resumed, loaded.images.size());
  auto network = make_network(fitting_model(parsed.model, loaded.images), parsed.seed);
  Trainer trainer(std::move(network), loaded.images, std::move(schedule), config);
  if (resumed) trainer.restore(*resumed);
  if (trainer.progress().steps >= parsed.steps) {
    tool.say(request.output + ": has its " + count_of(parsed.steps, "step") +
             " already; --steps with a larger number goes on");
    return ExitCode::done;
  }
  announce(tool, loaded.images, trainer);
  const ExitCode code = run_steps(tool, request, trainer);
  return code == ExitCode::done && !loaded.failures.empty() ? ExitCode::partial : code;
}

}  // namespace diffusion
