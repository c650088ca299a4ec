#include "tools/train/export.hpp"

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/models/diffusers_export.hpp"
#include "lib/models/model.hpp"
#include "tools/cli/model_options.hpp"
#include "tools/cli/output_files.hpp"

namespace diffusion {
namespace {

void need_model_file(const std::string& model) {
  if (model == "-" || names_model_file(model)) return;
  throw Error(model + ": is not a model file of ours, which alone is exported");
}

/// "raw", "ema:0.995" or "power:0.05": what the words of --weights come to.
std::string weights_in_words(const ModelFile& file, const std::string& choice) {
  std::string prefix = file.prefix_of(choice);  // "ema.0.995/"
  if (prefix.empty()) return "raw";
  prefix.pop_back();
  return prefix.replace(prefix.find('.'), 1, ":");
}

std::string in_words(const ExportedFolder& made) {
  const std::string parts = made.network + " and " + made.scheduler;
  return made.pipeline.empty() ? parts + ", no pipeline (" + made.lacking + ")"
                               : "a " + made.pipeline + " of " + parts;
}

std::string listed(const std::vector<double>& numbers) {
  std::vector<std::string> all;
  for (const double each : numbers) all.push_back(significant(each, 6));
  return join(all, ", ");
}

/// What no other program knows of a model of numbers.
void tell_of_units(const cli::Tool& tool, const ModelFile& file) {
  const DataUnits units = data_units(file.data());
  if (units.any())
    tool.say(
        "what is exported says nothing of the data's units: the network sees (x - offset) scale, "
        "offset " +
        listed(units.offset) + ", scale " + listed(units.scale));
}

void write_weights(const ExportRequest& request, const ModelFile& file) {
  if (!request.scheduler.empty()) throw Error("--class: is for --to diffusers");
  need_extension(request.output, ".safetensors");
  cli::check_output_files({request.output});
  refuse_terminal(request.output, "a file of weights");
  if (same_file(request.output, request.model))
    throw Error(request.output + ": is read by this run, and would be overwritten");
  write_state_dict(file, request.output, request.weights);
}

}  // namespace

const CLI::App* add_export(cli::Tool& tool, ExportRequest& request) {
  const cli::Flags flags =
      tool.add_command("export", "Write the network of a model file for other programs");
  flags.add({.names = "model",
             .value = "MODEL",
             .help = "The model file",
             .values = cli::files({".safetensors"}),
             .required = true},
            request.model);
  flags.add({.names = "-o,--output",
             .value = "OUT",
             .help = "The folder, or the file of --to safetensors",
             .values = cli::files({".safetensors"}),
             .otherwise = cli::unsaid,
             .required = true},
            request.output);
  flags.add({"--to", "NAME", "{}, the weights alone", cli::one_of({"diffusers", "safetensors"})},
            request.kind);
  cli::add_weights(flags, request.weights);
  flags.add({.names = "--class",
             .value = "NAME",
             .help = "The scheduler of the folder: {}",
             .values = cli::one_of(exported_schedulers()),
             .otherwise = exported_schedulers().front()},
            request.scheduler);
  return &flags.app();
}

cli::ExitCode export_model(const cli::Tool& tool, const ExportRequest& request) {
  need_model_file(request.model);
  const ModelFile file(request.model);
  const std::string weights = ", weights " + weights_in_words(file, request.weights);
  if (request.kind == "safetensors") {
    write_weights(request, file);
    tool.say(request.output + ": the state dict of a " +
             std::string(network_row(file.description().model).name) + weights);
    tell_of_units(tool, file);
    return cli::done;
  }
  if (request.output == "-") throw Error("-o -: diffusers reads a folder; name one");
  const ExportedFolder made = write_diffusers_folder(
      file, request.output, {.weights = request.weights, .scheduler = request.scheduler});
  tool.say(request.output + ": " + in_words(made) + weights);
  tell_of_units(tool, file);
  return cli::done;
}

}  // namespace diffusion
