#include "tools/train/average.hpp"

#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/train/posthoc_average.hpp"
#include "lib/train/power_profile.hpp"

namespace diffusion {
namespace {

constexpr double great_error = 0.1;

void check_request(const AverageRequest& request) {
  if (!(request.sigma_rel >= least_sigma_rel && request.sigma_rel <= most_sigma_rel))
    throw Error("--sigma-rel: must lie in " + shortest(least_sigma_rel) + " to " +
                shortest(most_sigma_rel) + ", got " + shortest(request.sigma_rel));
  if (request.output.empty()) throw Error("name the file to write: -o FILE.safetensors");
  need_extension(request.output, ".safetensors");
  for (const std::string& model : request.models)
    if (same_file(model, request.output))
      throw Error(request.output + ": is read by this run, and would be overwritten");
  std::error_code none;
  if (!request.force && std::filesystem::exists(request.output, none))
    throw Error(request.output + ": exists already; --force writes over it");
}

}  // namespace

const CLI::App* add_average(cli::Tool& tool, AverageRequest& request) {
  const cli::Flags flags =
      tool.add_command("average", "Make an average of the weights after the fact");
  flags.add({.names = "model",
             .value = "MODEL",
             .help = "Snapshots of one run, or its model files",
             .values = cli::files({".safetensors"}),
             .required = true},
            request.models);
  flags.add({"--sigma-rel", "WIDTH", "Its width, as a share of the run: 0.001 to 0.28"},
            request.sigma_rel);
  flags.add({.names = "-o,--output",
             .value = "FILE",
             .help = "The model file (.safetensors)",
             .values = cli::files({".safetensors"}),
             .otherwise = cli::unsaid},
            request.output);
  flags.add({"--force", "", "Write over an existing file"}, request.force);
  return &flags.app();
}

cli::ExitCode write_average(const cli::Tool& tool, const AverageRequest& request) {
  check_request(request);
  const PosthocAverage average = posthoc_average(request.models, request.sigma_rel);
  write_average(request.output, average);
  tool.say(request.output + ": sigma_rel " + shortest(request.sigma_rel) + " at update " +
           std::to_string(average.updates) + ", of " + count_of(average.averages, "average") +
           "; the profile is off by " + significant(100 * average.error, 2) + " %");
  if (average.error > great_error)
    tool.complain("--sigma-rel " + shortest(request.sigma_rel) +
                  ": these snapshots cannot make it; more of them, or another width, would be "
                  "nearer");
  return cli::done;
}

}  // namespace diffusion
