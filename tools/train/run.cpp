#include "tools/train/run.hpp"
#include "tools/cli/device.hpp"

#include <algorithm>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/fnv1a.hpp"
#include "lib/base/gnuplot.hpp"
#include "lib/base/instruction_set.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/image/image_file.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "lib/train/config.hpp"
#include "lib/train/lane_sums.hpp"
#include "lib/train/model_config.hpp"
#include "lib/train/resume.hpp"
#include "lib/train/trainer.hpp"
#include "lib/train/validation.hpp"
#include "lib/train/variational_loss.hpp"
#include "tools/train/data.hpp"
#include "tools/train/earlier.hpp"
#include "tools/train/given.hpp"
#include "tools/train/loop.hpp"
#include "tools/train/ranks.hpp"

namespace diffusion {
namespace {

using cli::ExitCode;

void check_extras(const TrainRequest& request) {
  if (!request.plot.empty()) {
    picture_type(request.plot, "--plot");
    need_gnuplot("--plot");
  }
  if (!request.preview.empty() && !is_image_name(request.preview))
    throw Error(request.preview + ": a preview is a picture; name it .png, for instance");
  if (!request.from.empty() && goes_on(request))
    throw Error(
        "--resume goes on with the model file, --from begins with another: give one of them");
}

/// No output may be an input (but for --from, whose model may be trained on in place) or
/// another output.
void check_apart(const TrainRequest& request) {
  const std::vector<std::string> outputs{request.output, request.log, request.plot,
                                         request.preview};
  std::vector<std::string> inputs = request.data;
  inputs.insert(inputs.end(), {request.schedule, request.config_file});
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    for (const std::string& input : inputs)
      if (same_file(outputs[i], input))
        throw Error(outputs[i] + ": is read by this run, and would be overwritten");
    for (std::size_t k = 0; k < i; ++k)
      if (same_file(outputs[i], outputs[k]))
        throw Error(outputs[i] + ": would be written twice, for different things");
  }
}

/// What is wrong whatever files there are.
void check_request(const TrainRequest& request) {
  check_extras(request);
  check_apart(request);
  if (!goes_on(request)) need_extension(request.output, ".safetensors");
}

/// What would be found out only at the first checkpoint, found out now.
void check_output(const TrainRequest& request) {
  refuse_terminal(request.output, "a model file");
  std::error_code none;
  if (!goes_on(request) && !request.force && std::filesystem::is_regular_file(request.output, none))
    throw Error(request.output +
                ": exists already; --resume goes on with it, --force starts anew over it");
  if (request.output != "-") AtomicFile probe(request.output);
}

/// Launchers hand standard input to one process alone.
void refuse_pipes(const TrainRequest& request) {
  std::vector<std::string> inputs = request.data;
  inputs.insert(inputs.end(), {request.schedule, request.config_file});
  if (request.reading.list) inputs.push_back(request.reading.list->path);
  for (const std::string& input : inputs)
    if (input == "-")
      throw Error("standard input reaches one rank alone: name a file that all can read");
}

/// What the command asks of every rank, but for the configuration.
std::string course_of(const TrainRequest& request) {
  return one_line({{"until", request.until},
                   {"previews", request.preview.empty() ? 0 : request.preview_every}});
}

/// What would be other bytes on each machine, or would leave ranks waiting for others.
void need_same_course(const Ranks& ranks, const TrainRequest& request) {
  need_same(ranks, goes_on(request) ? "yes" : "no", "whether " + request.output + " is there");
  need_same(ranks, course_of(request), "--until or --preview");
  need_same(ranks, std::string(name_of(instruction_set())),
            "their instruction set, on which bits depend (DIFFUSION_ISA caps it)");
}

/// What all ranks do; what a run reports is the first one's to write.
TrainRequest of_other_rank(TrainRequest request) {
  request.log.clear();
  request.plot.clear();
  return request;
}

/// Settings that say more of something that the run does not do.
void refuse_idle(cli::Tool& tool, const TrainRequest& request, const TrainConfig& config) {
  const auto given = [&](const char* flag) { return tool.app().count(flag) > 0; };
  const bool validates = config.data.validation > 0 || config.data.validation_data;
  if (given("--validate-every") && !validates)
    throw Error("--validate-every: means nothing without --validation");
  if (given("--ema-power") && config.snapshots_every == 0)
    throw Error("--ema-power: means nothing without --snapshots-every");
  for (const char* flag : {"--save-every", "--keep", "--snapshots-every"})
    if (given(flag) && request.output == "-" && !request.print_config)
      throw Error(std::string(flag) + ": means nothing without a model file: -o FILE");
  if (given("--label-dropout") && !config.data.labels)
    throw Error("--label-dropout: means nothing without --labels");
  if (given("--keep") && config.save_every == 0)
    throw Error("--keep: means nothing without --save-every");
}

bool are_points(const TrainingSet& images) {
  return images.units.any() && images.height() == 1 && images.width() == 1;
}

/// "60000 images of 28 x 28 x 1", "2000 points of 2 numbers"
std::string in_words(const TrainingSet& images) {
  const std::string channels = std::to_string(images.channels());
  if (are_points(images))
    return count_of(images.size(), "point") + " of " + count_of(images.channels(), "number");
  return count_of(images.size(), "image") + " of " + std::to_string(images.height()) + " x " +
         std::to_string(images.width()) + " x " + channels;
}

void announce(const cli::Tool& tool, const TrainingSet& images, const Trainer& trainer) {
  tool.say(in_words(images) + " (" +
           (images.streamed() ? "streamed" : human_bytes(double(images.memory()))) +
           "), a network of " + count_of(trainer.network().parameters().size(), "weight") +
           (trainer.ranks().alone() ? "" : ", " + count_of(trainer.ranks().count, "rank")));
}

/// What the next steps depend on, and what could differ between machines.
std::string state_of(const Trainer& trainer, const Json& config) {
  const auto weights = std::as_bytes(trainer.network().parameters().values());
  const std::string_view bytes(reinterpret_cast<const char*>(weights.data()), weights.size());
  return one_line({{"config", config},
                   {"images", trainer.images().size()},
                   {"steps", trainer.progress().steps},
                   {"weights", fnv1a(bytes)}});
}

NetworkData kind_of(std::span<const DataArgument> data) {
  return all_points(data) ? NetworkData::points : NetworkData::pictures;
}

Json config_of(cli::Tool& tool, const TrainRequest& request, const Earlier& earlier,
               NetworkData data) {
  const auto& [resumed, from] = earlier;
  std::vector<std::pair<std::string, std::string>> settings;
  for (const auto& [path, value, flag] : settings_of(tool, request))
    settings.emplace_back(path, value);
  return resolved_config({.resumed = resumed ? &*resumed : nullptr,
                          .from = from ? &*from : nullptr,
                          .data = data,
                          .file = request.config_file,
                          .assignments = request.sets,
                          .settings = std::move(settings)});
}

/// A sheet shows pictures alone.
void refuse_preview_of_numbers(const TrainRequest& request, const TrainingSet& images) {
  if (request.preview.empty() || !images.units.any()) return;
  throw Error(request.preview + ": a preview is a sheet of pictures, and DATA holds " +
              (are_points(images) ? "points; diff-sample --scatter draws those of a model file"
                                  : "numbers that are none"));
}

/// The configuration, after all that can be refused before images are read.
TrainConfig checked(cli::Tool& tool, const TrainRequest& request, const Json& config) {
  TrainConfig parsed = parse_config(config);
  network_row(parsed.model).check(parsed.model);
  refuse_idle(tool, request, parsed);
  check_request(request);
  return parsed;
}

/// Nothing is read from a pipe to print a configuration.
NetworkData kind_at_sight(const TrainRequest& request) {
  for (const std::string& path : request.data)
    if (is_stream(path)) return NetworkData::pictures;
  return kind_of(look_at(request.data));
}

}  // namespace

Json resolved_config(cli::Tool& tool, const TrainRequest& request) {
  return naming_flags(settings_of(tool, request), [&] {
    const Earlier earlier = earlier_of(request);
    Json config = config_of(tool, request, earlier, kind_at_sight(request));
    checked(tool, request, config);
    choose_schedule(request, earlier);
    return config;
  });
}

namespace {

/// What steps run on; what is compiled for it is said.
TrainingDevice device_for(const cli::Tool& tool, const TrainRequest& request) {
  return {.client = cli::open_device(request.device),
          .watch = cli::say_compiling(tool, "a step"),
          .evaluation = cli::say_compiling(tool)};
}

ExitCode train_as_configured(cli::Tool& tool, const TrainRequest& request, const Ranks& ranks) {
  if (!ranks.alone()) {
    refuse_pipes(request);
    need_same_course(ranks, request);
  }
  const Earlier earlier = earlier_of(request);
  const auto& [resumed, from] = earlier;
  std::vector<DataArgument> arguments = look_at(request.data);
  const Json config = config_of(tool, request, earlier, kind_of(arguments));
  const TrainConfig parsed = checked(tool, request, config);
  lanes_of_ranks(std::min(parsed.lanes, parsed.batch), ranks.count);
  if (ranks.first()) check_output(request);
  Schedule schedule = choose_schedule(request, earlier);
  for (const std::string& note : schedule.notes) tool.say(note);
  TrainingData data =
      load_data(tool, {request, std::move(arguments), parsed, units_of(earlier)}, ranks);
  refuse_preview_of_numbers(request, data.images);
  if (resumed) need_same_images(*resumed, data.images);
  std::optional<Validation> validation;
  if (data.validation)
    validation.emplace(*data.validation, make_objective(parsed, schedule), parsed.seed);
  data.validation.reset();
  const auto variance = make_loss_kind(parsed.loss).learns_variance() ? VarianceOutput::learned
                                                                      : VarianceOutput::none;
  auto network = make_network(fitting_model(parsed.model, data.images, variance), parsed.seed);
  if (from) from->fill(*network);
  Trainer trainer(std::move(network), data.images, std::move(schedule), of_the_run(config), ranks,
                  device_for(tool, request));
  if (resumed) trainer.restore(*resumed);
  if (!ranks.alone())
    need_same(ranks, state_of(trainer, of_the_run(config)), "data, settings or weights");
  if (trainer.progress().steps < parsed.steps) announce(tool, data.images, trainer);
  const ExitCode code = run_steps(tool, request, trainer, validation ? &*validation : nullptr);
  return code == ExitCode::done && data.failures > 0 ? ExitCode::partial : code;
}

}  // namespace

ExitCode train(cli::Tool& tool, const TrainRequest& request) {
  catch_stop_requests();
  return among_ranks(tool, [&](const Ranks& ranks) {
    return naming_flags(settings_of(tool, request), [&] {
      return train_as_configured(tool, ranks.first() ? request : of_other_rank(request), ranks);
    });
  });
}

}  // namespace diffusion
