#include "tools/train/import.hpp"

#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "tools/cli/output_files.hpp"
#include "tools/cli/schedule_options.hpp"

namespace diffusion {

const CLI::App* add_import(cli::Tool& tool, ImportRequest& request) {
  const cli::Flags flags =
      tool.add_command("import", "Make a model file of another program's network");
  PublishedFile& from = request.from;
  flags.add({.names = "from",
             .value = "FROM",
             .help = "A folder of diffusers, or a file of weights: .pt, .pth, .bin, .safetensors",
             .values = cli::files({".pt", ".pth", ".bin", ".safetensors"}),
             .required = true},
            from.path);
  flags.add({.names = "-o,--output",
             .value = "FILE.safetensors",
             .help = "The model file",
             .values = cli::files({".safetensors"}),
             .otherwise = cli::unsaid,
             .required = true},
            request.output);
  flags.add({"--as", "FORM", "Whose network is in a file: {}",
             cli::specs_of("forms of weights", published_forms(), published_parameters)},
            from.form);
  cli::add_schedule(flags, from.schedule, "that of FORM, or the folder's");
  flags.read({.names = "--prediction",
              .value = "NAME",
              .help = "What it predicts: {}",
              .values = cli::names_of("predictions", predictions()),
              .otherwise = "as FORM does, or the folder"},
             [&](const std::string& name) { from.prediction = parse_prediction(name); });
  flags.add({.names = "--weights",
             .value = "WHICH",
             .help = "Of a checkpoint: ema or raw; of a folder: a variant, such as fp16",
             .otherwise = "ema where there is one"},
            from.weights);
  flags.add({"--force", "", "Write over an existing file"}, request.force);
  return &flags.app();
}

cli::ExitCode import_model(const cli::Tool& tool, const ImportRequest& request) {
  need_extension(request.output, ".safetensors");
  cli::check_output_files({request.output});
  refuse_terminal(request.output, "a model file");
  if (same_file(request.output, request.from.path))
    throw Error(request.output + ": is read by this run, and would be overwritten");
  std::error_code none;
  if (!request.force && std::filesystem::exists(request.output, none))
    throw Error(request.output + ": exists already; --force writes over it");
  const ImportedNetwork imported = open_import(request.from);
  write_import(request.output, imported);
  tool.say(request.output + ": a " + std::string(network_row(imported.network.config).name) +
           " that predicts " + std::string(name_of(imported.network.prediction)));
  return cli::done;
}

}  // namespace diffusion
