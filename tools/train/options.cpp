#include "tools/train/options.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/text.hpp"
#include "lib/models/network.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/train/learning_rate.hpp"
#include "lib/train/level_sampler.hpp"
#include "lib/train/loss_weight.hpp"
#include "lib/train/settings.hpp"
#include "lib/train/variational_loss.hpp"
#include "tools/cli/device.hpp"
#include "tools/cli/image_options.hpp"
#include "tools/cli/schedule_options.hpp"

namespace diffusion {
namespace {

/// A flag that stands for a key of the configuration, whose default it has.
struct ConfigFlag {
  const char *name, *path, *value, *help;
  cli::Values values = {};
  const char* otherwise = "";
};

std::string text_of(const Json& value) {
  if (value.is_string()) return JsonAt(value, "").text();
  if (!value.is_array()) return one_line(value);
  std::vector<std::string> parts;
  for (const Json& each : value) parts.push_back(text_of(each));
  return join(parts, ",");
}

/// The default in the configuration, or "-".
std::string usual(const std::string& path) {
  static const Json config = default_config();
  const Json* value = &config;
  for (const std::string& key : split(path, '.')) {
    if (!value->is_object() || !value->contains(key)) return cli::unsaid;
    value = &(*value)[key];
  }
  return value->is_null() ? cli::unsaid : text_of(*value);
}

void add_config_flags(const cli::Flags& flags, TrainRequest& request,
                      const std::vector<ConfigFlag>& rows) {
  for (const ConfigFlag& row : rows)
    flags.read({.names = row.name,
                .value = row.value,
                .help = row.help,
                .values = row.values,
                .otherwise = *row.otherwise ? row.otherwise : usual(row.path)},
               [&request, path = std::string(row.path),
                flag = std::string(row.name)](const std::string& value) {
                 request.flags.push_back({path, value, flag});
               });
}

void add_config_switch(const cli::Flags& flags, TrainRequest& request, const ConfigFlag& row) {
  flags.turn({.names = row.name, .help = row.help},
             [&request, path = std::string(row.path), flag = std::string(row.name)] {
               request.flags.push_back({path, "true", flag});
             });
}

std::vector<ConfigFlag> run_flags() {
  return {
      {"--steps", "train.steps", "N", "Optimiser steps in all"},
      {"--batch", "train.batch", "N", "Images a step", {}, "64, of points 512"},
      {"--accumulate", "train.accumulate", "N",
       "Parts of a batch for a device; nothing on the processor"},
      {"--lr", "train.lr", "RATE", "Peak learning rate of AdamW"},
      {"--warmup", "train.warmup", "N", "Steps over which the rate rises"},
      {"--decay", "train.decay", "SPEC", "Then: {}", cli::specs_of("decays", decays())},
      {"--ema", "train.ema", "RATE,...", "Moving averages of the weights"},
      {"--snapshots-every", "train.snapshots_every", "N",
       "Steps between snapshots of power-function averages, for average"},
      {"--ema-power", "train.ema_power", "WIDTH,...", "Their widths, sigma_rel"},
      {"--validation", "data.validation", "SHARE|DATA",
       "Log the loss on a share of the images, held out, or on others", cli::files()},
      {"--validate-every", "train.validate_every", "N", "Steps between such validations"},
      {"--precision", "train.precision", "TYPE", "Of activations and products: {}",
       cli::words({"float32", "tf32", "bf16"})},
      {"--save-every", "train.save_every", "N", "Steps between checkpoints"},
  };
}

std::vector<ConfigFlag> objective_flags() {
  return {
      {"--prediction", "objective.prediction", "NAME", "What the network predicts: {}",
       cli::names_of("predictions", predictions())},
      {"--weight", "objective.weight", "SPEC", "Loss weight: {}",
       cli::specs_of("loss weights", loss_weights())},
      {"--loss", "objective.loss", "SPEC", "{}, the last two with a learned variance",
       cli::specs_of("losses", loss_kinds())},
      {"--levels", "objective.levels", "SPEC", "Choice of noise levels: {}",
       cli::specs_of("choices of noise levels", level_samplers())},
      {"--label-dropout", "objective.label_dropout", "P",
       "How often a label is left out, for guidance"},
  };
}

/// "DiT of patch_size 2, depth 12"
std::string meaning_of(const NetworkPreset& preset, const NetworkInfo& row) {
  std::vector<std::string> settings;
  const Json given = Json::parse(preset.settings);
  for (const auto& [key, value] : given.items()) settings.push_back(key + " " + text_of(value));
  return std::string(row.name) + (settings.empty() ? "" : " of " + join(settings, ", "));
}

/// Rows, and sizes of them that have names.
std::vector<cli::Choice> network_choices() {
  std::vector<cli::Choice> choices = cli::choices_of(networks());
  for (std::size_t i = 0; i < networks().size(); ++i)
    choices[i].parameters = [&row = networks()[i]] { return network_parameters(row); };
  for (const NetworkInfo& row : networks())
    for (const NetworkPreset& preset : row.presets)
      choices.push_back({.name = std::string(preset.name), .summary = meaning_of(preset, row)});
  return choices;
}

std::vector<ConfigFlag> network_flags() {
  return {
      {"--network",
       "model._class_name",
       "NAME",
       "What is trained: unet, dit, jit, mlp for points, or a size such as dit-s/2",
       {.choices = network_choices(), .title = "networks"},
       "UNet2DModel, of points MLP"},
      {"--dropout", "model.dropout", "P", "How often a feature is left out in training", {}, "0"},
      {"--layers", "model.layers_per_block", "N", "Residual blocks a level"},
  };
}

std::vector<ConfigFlag> image_flags() {
  return {
      {"--alpha", "data.alpha", "WHAT",
       "Opacity: flatten=COLOUR, or drop, to train on what it hides", cli::opacities(),
       "flatten=white"},
      {"--memory",
       "data.memory",
       "SIZE",
       "Hold so much in memory, and stream larger sets",
       {},
       "half of all there is"},
      {"--shift",
       "data.shift",
       "N",
       "Shift images at random by up to N pixels each way",
       {},
       cli::unsaid},
      {"--scale", "data.scale", "FACTOR,...",
       "Arrays are numbers, not pictures; shown to the network times this, one or each channel's"},
      {"--offset", "data.offset", "NUMBER,...", "... and less this before"},
      {"--labels", "data.labels", "WHERE",
       "Train on classes: DATA's own, prefix (of file names), or a file of labels",
       cli::or_files(cli::words({"own", "prefix"}))},
  };
}

/// What a key may be: what the flag that stands for it may, where there is one.
cli::Values values_of_setting(const std::string& path, const Json& usual) {
  for (const auto& flags : {run_flags(), objective_flags(), network_flags(), image_flags()})
    for (const ConfigFlag& flag : flags)
      if (flag.path == path) return flag.values;
  if (path == "data.16_bit") return cli::words({"scale", "pillow"});
  if (path == "data.channels") return cli::words({"1", "3"});
  return usual.is_boolean() ? cli::words({"true", "false"}) : cli::Values{};
}

/// Whether the setting is true or false.
bool is_switch(const std::string& path) {
  const auto row = std::ranges::find(settings(), std::string_view(path), &Setting::path);
  return row != settings().end() && Json::parse(row->fallback).is_boolean();
}

/// "objective.prediction=v_prediction" as "objective.prediction=v".
std::string canonical_assignment(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == text.npos) return text;
  const std::string path = text.substr(0, equals);
  const cli::Values values = values_of_setting(path, is_switch(path) ? Json(true) : Json());
  if (!values.canonical) return text;
  return text.substr(0, equals + 1) + values.canonical(text.substr(equals + 1));
}

/// The default configuration, and null for what else a network may be told.
Json all_settings() {
  Json config = default_config();
  for (const NetworkInfo& network : networks())
    for (const std::string& key : network.keys())
      if (!config["model"].contains(key)) config["model"][key] = Json();
  return config;
}

/// The keys that --set takes.
cli::Values assignments() {
  cli::Values values{.pairs = true, .canonical = canonical_assignment};
  const Json config = all_settings();
  for (const auto& [section, keys] : config.items())
    for (const auto& [key, usual] : keys.items()) {
      const std::string path = section + "." + key;
      values.choices.push_back({.name = path, .then = [path, usual = Json(usual)] {
                                  return values_of_setting(path, usual);
                                }});
    }
  return values;
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

/// A switch that may have the word auto behind it.
void add_resume(const cli::Flags& flags, TrainRequest& request) {
  flags.read({.names = "--resume",
              .help = "Go on with the model file; auto: start where there is none",
              .values = cli::words({"auto"})},
             [&](const std::string& text) {
               request.resume = text == "auto" ? Resume::automatic : Resume::yes;
             });
  flags.app().get_option("--resume")->expected(0)->type_name("[auto]");
}

void add_files(const cli::Flags& flags, TrainRequest& request) {
  flags.add({"data", "DATA",
             "Images: folders, files, arrays, archives; or points: .csv, N x D .npy", cli::files()},
            request.data);
  flags.add({.names = "-o,--output",
             .value = "FILE",
             .help = "The model file (.safetensors)",
             .values = cli::files({".safetensors"}),
             .otherwise = cli::unsaid},
            request.output);
  cli::add_schedule(flags, request.schedule, "cosine");
  add_resume(flags, request);
  flags.add({"--force", "", "Start anew over an existing model file"}, request.force);
  flags.add({.names = "--until",
             .value = "STEP",
             .help = "Stop after this step, to go on later",
             .values = cli::whole(1),
             .otherwise = cli::unsaid},
            request.until);
  cli::add_device(flags, request.device);
  flags.add({"--log", "FILE", "Write loss, rate and norm of every step as JSON lines",
             cli::files({".jsonl"})},
            request.log);
  flags.add({"--from", "MODEL", "Begin with the weights of a model file or a diffusers folder",
             cli::files({".safetensors"})},
            request.from);
  flags.read({"--max-time", "TIME", "Stop after this time: 90s, 30m or 1.5h"},
             [&](const std::string& text) { request.max_seconds = parse_duration(text); });
  flags.add({.names = "--keep",
             .value = "N",
             .help = "Keep the last N checkpoints under names of their own",
             .values = cli::whole(0, 1'000'000),
             .otherwise = cli::unsaid},
            request.keep);
}

void add_reports(const cli::Flags& flags, TrainRequest& request) {
  flags.add({"--plot", "FILE", "Draw the course of the loss (.png, .svg, .pdf)", cli::drawings()},
            request.plot);
  flags.add({"--preview", "FILE", "Write a sheet of samples now and then", cli::pictures()},
            request.preview);
  flags.add({.names = "--preview-every",
             .value = "N",
             .help = "Steps between previews",
             .values = cli::whole(1, 1'000'000'000),
             .needs = {"--preview"}},
            request.preview_every);
  flags.add({"--config", "FILE", "Read the configuration from a JSON file", cli::files({".json"})},
            request.config_file);
  flags.add({"--set", "KEY=VALUE", "Change one key of the configuration", assignments()},
            request.sets);
  flags.app().get_option("--set")->allow_extra_args(false);
  flags.add({"--print-config", "", "Print the configuration and exit"}, request.print_config);
}

std::string refuse_other_lists(const std::string& text) {
  for (const std::string& part : split(text, ','))
    if (const auto refusal = cli::whole(1).check(part); !refusal.empty()) return refusal;
  return "";
}

void add_model_flags(const cli::Flags& flags, TrainRequest& request) {
  flags.read(
      {.names = "--channels",
       .value = "N,N,...",
       .help = "Channels of each level of the U-Net",
       .values = {.check = refuse_other_lists},
       .otherwise = usual("model.block_out_channels")},
      [&](const std::string& list) {
        request.flags.push_back({"model.block_out_channels", "[" + list + "]", "--channels"});
      });
  add_config_flags(flags, request, network_flags());
}

void add_image_flags(const cli::Flags& flags, TrainRequest& request) {
  cli::add_image_options(flags, request.reading);
  cli::add_file_list(flags, request.reading);
  add_config_switch(flags, request,
                    {"--flip", "data.flip", "", "Mirror images at random, every other one"});
  add_config_flags(flags, request, image_flags());
}

}  // namespace

void settle(TrainRequest& request) {
  if (request.resume == Resume::no) return;
  if (request.output == "-") throw Error("--resume: needs the model file to go on with: -o FILE");
  if (request.force)
    throw Error("--resume goes on with the model file, --force starts anew: give one of them");
  if (request.resume == Resume::yes) return;
  std::error_code unknown;
  const auto there = std::filesystem::status(request.output, unknown);
  if (there.type() == std::filesystem::file_type::none)
    throw Error(request.output + ": whether it is there can't be found out (" + unknown.message() +
                ")");
  request.resume = std::filesystem::exists(there) ? Resume::yes : Resume::no;
  if (request.resume == Resume::yes) request.from.clear();
}

void add_train_options(cli::Tool& tool, TrainRequest& request) {
  const cli::Flags flags = tool.flags();
  add_files(flags, request);
  add_reports(flags, request);
  add_config_flags(flags.under("Training"), request, run_flags());
  add_config_switch(flags.under("Training"), request,
                    {"--recompute", "train.recompute", "",
                     "Save memory: parts of the network are computed twice a step"});
  add_config_flags(flags.under("Objective"), request, objective_flags());
  add_model_flags(flags.under("Network"), request);
  add_image_flags(flags.under("Images"), request);
  tool.add_seed();
  tool.add_json();
}

}  // namespace diffusion
