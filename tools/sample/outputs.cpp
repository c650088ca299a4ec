#include "tools/sample/outputs.hpp"

#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "lib/output/sample_files.hpp"
#include "lib/sample/sampler.hpp"
#include "tools/cli/output_files.hpp"

namespace diffusion {
namespace {

/// Where samples go when nothing is said of it: to standard output, unless something
/// else is made of them.
std::string output_path(const SampleRequest& asked) {
  const bool extras = !asked.sheet.path.empty() || !asked.scatter.path.empty() ||
                      asked.plane.any() || !asked.trajectory.empty() || asked.films.any();
  return asked.output.empty() && !extras ? "-" : asked.output;
}

/// Sheets and films have depths of their own, and so have most kinds of pictures.
void refuse_idle_float(const Destination& samples) {
  if (samples.kind == StoreKind::none)
    throw Error("--float: means nothing without -o: it is samples that it writes as floats");
  if (samples.kind == StoreKind::picture &&
      depth_written(samples.path, Depth::float32) != Depth::float32)
    throw Error("--float: " + samples.path +
                " cannot hold floats; name an array (.npy), a folder or an archive (.tar)");
}

/// A walk that may take a step back would remember that step too.
void refuse_idle_momentum(const SampleRequest& asked) {
  const SamplerInfo& row = sampler_row(asked.sampler);
  if (asked.control.classes.guidance.momentum.value_or(0) != 0 && row.pace == Pace::state)
    throw Error("--cfg-momentum: adds a step's change to the next, and " + std::string(row.name) +
                " may take steps anew; choose a sampler that walks a grid");
}

/// Refuses a --format that the name of the output contradicts, or that nothing is written in.
void check_format(const SampleRequest& asked, const Destination& samples) {
  if (asked.format.empty() || samples.path == "-") return;
  if (samples.kind == StoreKind::none)
    throw Error("--format: means nothing without -o: it is of the samples");
  if (extension_of(samples.path) != "." + asked.format)
    throw Error(samples.path + ": its name contradicts --format " + asked.format);
}

}  // namespace

Destination destination(const SampleRequest& asked) {
  return destination_of(output_path(asked),
                        asked.format == "csv" ? StoreKind::csv : StoreKind::array);
}

Depth depth_of(const SampleRequest& asked) {
  return asked.as_float ? Depth::float32 : Depth::uint8;
}

bool draws_pictures(const Model& model) {
  const bool point = model.shape[0] == 1 && model.shape[1] == 1 && !model.images;
  return has_picture_shape(model.shape) && !point && !model.numbers;
}

void need_pictures(const Model& model, const SampleRequest& asked) {
  if (!model.numbers) return;
  const Destination samples = destination(asked);
  const std::string picture = samples.kind == StoreKind::picture ? samples.path : "";
  for (const std::string& path : {picture, asked.sheet.path, asked.films.film, asked.films.gif})
    if (!path.empty())
      throw Error(path + ": samples of " + describe(model.shape) +
                  " are numbers here, not pictures; write .npy or .npz");
}

void check_outputs(const cli::Tool& tool, const SampleRequest& asked) {
  need_extension(asked.trajectory, ".npz");
  check_films(asked.films);
  check_scatter(asked.scatter);
  check_plane(asked.plane);
  refuse_idle_momentum(asked);
  const Destination samples = destination(asked);
  need_known_ending(samples);
  check_format(asked, samples);
  if (asked.as_float) refuse_idle_float(samples);
  std::vector<std::string> files{asked.sheet.path, asked.films.film,   asked.films.gif,
                                 asked.trajectory, asked.scatter.path, asked.plane.paths,
                                 asked.plane.field};
  if (samples.kind != StoreKind::folder) files.push_back(samples.path);
  cli::check_output_files(files);
  if (tool.common().json && samples.path == "-")
    throw Error("--json: standard output is where the samples go; name a file for them with -o");
  if (samples.kind != StoreKind::csv) refuse_terminal(samples.path, "an array of samples");
  if (!asked.skip_existing) return;
  if (asked.output.empty() || asked.output == "-")
    throw Error("--skip-existing: needs -o with a folder or a file that may hold samples already");
  if (!asked.scatter.path.empty())
    throw Error("--skip-existing: --scatter shows samples as they are drawn");
  if (asked.plane.any())
    throw Error("--skip-existing: --paths and --field show samples as they are drawn");
  if (!asked.trajectory.empty() || asked.films.any())
    throw Error("--skip-existing: samples that are there have no way to record or to show");
}

}  // namespace diffusion
