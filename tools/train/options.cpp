#include "tools/train/options.hpp"

#include <cmath>

#include "lib/base/text.hpp"
#include "tools/cli/image_options.hpp"

namespace diffusion {
namespace {

/// A plain flag that stands for a key of the configuration.
struct ConfigFlag {
  const char *name, *path, *type, *help;
};

constexpr ConfigFlag run_flags[] = {
    {"--steps", "train.steps", "N", "Optimiser steps in all (default: 2000)"},
    {"--batch", "train.batch", "N", "Images a step (default: 64)"},
    {"--accumulate", "train.accumulate", "N",
     "Pass each batch in N parts, in an Nth of the memory (default: 1)"},
    {"--lr", "train.lr", "RATE", "Peak learning rate of AdamW (default: 0.003)"},
    {"--warmup", "train.warmup", "N", "Steps over which the rate rises (default: 100)"},
    {"--decay", "train.decay", "SPEC", "Then: cosine, linear or constant (default: cosine)"},
    {"--ema", "train.ema", "RATE,...", "Moving averages of the weights (default: 0.995)"},
    {"--validation", "data.validation", "SHARE|DATA",
     "Log the loss on a share of the images, held out, or on others (default: 0)"},
    {"--validate-every", "train.validate_every", "N",
     "Steps between such validations (default: 500)"},
    {"--precision", "train.precision", "TYPE",
     "Of activations and products: float32 or bf16 (default: float32)"},
    {"--save-every", "train.save_every", "N", "Steps between checkpoints (default: 500)"},
};
constexpr ConfigFlag objective_flags[] = {
    {"--prediction", "objective.prediction", "NAME",
     "What the network predicts: v, eps, x0, u, score or edm (default: v)"},
    {"--weight", "objective.weight", "SPEC",
     "Loss weight: uniform, snr, truncated-snr, min-snr, p2, debiased, edm (default: uniform)"},
    {"--loss", "objective.loss", "SPEC",
     "simple, or with a learned variance hybrid or bound (default: simple)"},
    {"--levels", "objective.levels", "SPEC",
     "Choice of noise levels: uniform, stratified, log-normal, logit-normal, importance "
     "(default: uniform)"},
    {"--label-dropout", "objective.label_dropout", "P",
     "How often a label is left out, for guidance (default: 0.1)"},
};
constexpr ConfigFlag image_flags[] = {
    {"--memory", "data.memory", "SIZE",
     "Hold so much in memory, and stream larger sets (default: half of all there is)"},
    {"--shift", "data.shift", "N", "Shift images at random by up to N pixels each way"},
    {"--labels", "data.labels", "WHERE",
     "Train on classes: DATA's own, prefix (of file names), or a file of labels"},
};
constexpr ConfigFlag model_flags[] = {
    {"--dropout", "model.dropout", "P", "How often a feature is left out in training (default: 0)"},
    {"--layers", "model.layers_per_block", "N", "Residual blocks a level (default: 1)"},
};

template <std::size_t count>
void add_config_flags(CLI::App& app, TrainRequest& request, const ConfigFlag (&flags)[count],
                      const char* group) {
  for (const ConfigFlag& flag : flags)
    app.add_option_function<std::string>(
           flag.name,
           [&request, path = flag.path](const std::string& value) {
             request.flags.emplace_back(path, value);
           },
           flag.help)
        ->type_name(flag.type)
        ->group(group);
}

/// "90", "90s", "30m", "1.5h" in seconds.
double parse_duration(const std::string& text) {
  const std::string units = "smh";
  const auto unit = text.empty() ? units.npos : units.find(text.back());
  const bool bare = unit == units.npos;
  const auto number = parse_number(bare ? text : text.substr(0, text.size() - 1));
  if (!number || !std::isfinite(*number) || *number <= 0)
    throw CLI::ValidationError("--max-time " + text + ": needs a time, such as 90s, 30m or 1.5h");
  return bare ? *number : *number * std::pow(60, double(unit));
}

void add_files(CLI::App& app, TrainRequest& request) {
  app.add_option("data", request.data, "Images: folders, files, arrays, archives")
      ->type_name("DATA");
  app.add_option("-o,--output", request.output, "The model file (.safetensors)")->type_name("FILE");
  app.add_option("-s,--schedule", request.schedule,
                 "Noise schedule: spec or file (default: cosine)")
      ->type_name("SCHEDULE");
  app.add_flag("--resume", request.resume, "Go on with the model file");
  app.add_flag("--force", request.force, "Start anew over an existing model file");
  app.add_option("--until", request.until, "Stop after this step, to go on later")
      ->type_name("STEP");
  app.add_option("--log", request.log, "Write loss, rate and norm of every step as JSON lines")
      ->type_name("FILE");
  app.add_option("--from", request.from, "Begin with the weights of a model: fine-tune it")
      ->type_name("MODEL");
  app.add_option_function<std::string>(
         "--max-time", [&](const std::string& text) { request.max_seconds = parse_duration(text); },
         "Stop after this time: 90s, 30m or 1.5h")
      ->type_name("TIME");
  app.add_option("--keep", request.keep, "Keep the last N checkpoints under names of their own")
      ->check(cli::whole_number(0, 1'000'000))
      ->type_name("N");
  app.add_option("--plot", request.plot, "Draw the course of the loss (.png, .svg, .pdf)")
      ->type_name("FILE");
  app.add_option("--preview", request.preview, "Write a sheet of samples now and then")
      ->type_name("FILE");
  app.add_option("--preview-every", request.preview_every, "Steps between previews (default: 500)")
      ->check(cli::whole_number(1, 1'000'000'000))
      ->type_name("N");
  app.add_option("--config", request.config_file, "Read the configuration from a JSON file")
      ->type_name("FILE");
  app.add_option("--set", request.sets, "Change one key of the configuration")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_flag("--print-config", request.print_config, "Print the configuration and exit");
}

void add_model_flags(CLI::App& app, TrainRequest& request) {
  const char* const group = "Network";
  app.add_option_function<std::string>(
         "--channels",
         [&](const std::string& list) {
           request.flags.emplace_back("model.block_out_channels", "[" + list + "]");
         },
         "Channels of each level of the U-Net (default: 16,32,64)")
      ->type_name("N,N,...")
      ->group(group);
  add_config_flags(app, request, model_flags, group);
}

void add_image_flags(CLI::App& app, TrainRequest& request) {
  cli::add_image_options(app, request.reading);
  cli::add_file_list(app, request.reading);
  app.add_flag_function(
         "--flip", [&](std::int64_t) { request.flags.emplace_back("data.flip", "true"); },
         "Mirror images at random, every other one")
      ->group("Images");
  add_config_flags(app, request, image_flags, "Images");
}

}  // namespace

void add_train_options(cli::Tool& tool, TrainRequest& request) {
  CLI::App& app = tool.app();
  add_files(app, request);
  add_config_flags(app, request, run_flags, "Training");
  add_config_flags(app, request, objective_flags, "Objective");
  add_model_flags(app, request);
  add_image_flags(app, request);
  tool.add_seed();
  tool.add_json();
}

}  // namespace diffusion
