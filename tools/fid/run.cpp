#include "tools/fid/run.hpp"

#include <memory>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/fid/comparison.hpp"
#include "tools/cli/device.hpp"
#include "tools/cli/image_options.hpp"
#include "tools/cli/output_files.hpp"

namespace diffusion {
namespace {

/// On the device that was asked for, where there is a network for it.
FeatureExtractor extractor_of(const cli::Tool& tool, const FidOptions& options) {
  FeatureDevice device{.client = cli::open_device(options.device)};
  device.watch = cli::say_compiling(tool)(device.group);
  FeatureExtractor extractor = make_features(
      options.features, {.rounding = options.no_round ? Rounding::none : Rounding::eight_bits,
                         .patience = options.exec_patience,
                         .device = device});
  if (device.client && !options.device.empty() && !extractor.begin)
    throw Error("--device: " + options.features + " has no network that a device could run");
  return extractor;
}

ReadingSettings settings_of(const cli::Tool& tool, const FidOptions& options) {
  Extent extent = options.extent;
  extent.seed = tool.common().seed;
  return {.extractor = [&tool, &options] { return extractor_of(tool, options); },
          .images = options.images,
          .extent = extent,
          .strict = options.strict};
}

ReadingHooks hooks_of(const cli::Tool& tool) {
  const auto begin = [&tool](const std::string& title, std::size_t total, const std::string& unit) {
    auto progress = std::make_shared<Progress>(tool.progress(), title, total, unit);
    return [progress](std::size_t done) { progress->update(done); };
  };
  return {.complain = [&tool](const std::string& message) { tool.complain(message); },
          .say = [&tool](const std::string& message) { tool.say(message); },
          .explain = [&tool](const std::string& message) { tool.explain(message); },
          .begin = begin};
}

std::string in_text(const Json& value) {
  if (value.is_number_float()) return significant(number_from_json(value, ""), 6);
  if (value.is_null()) return "unknown";
  return value.is_string() ? JsonAt(value, "").text() : one_line(value);
}

}  // namespace

FidRun::FidRun(cli::Tool& told, const FidOptions& asked)
    : tool(told),
      options(asked),
      reader(settings_of(told, asked), hooks_of(told)),
      json(told.common().json || extension_of(asked.output) == ".json") {
  if (told.common().json) cli::refuse_other_format(asked.output, ".json", "--json");
}

void print_report(const FidRun& run, const Json& report) {
  std::string text;
  if (run.json)
    text = to_text(report);
  else
    for (const auto& [key, value] : report.items()) text += key + "\t" + in_text(value) + "\n";
  write_file(run.options.output, text);
}

void refuse_idle_reading(const FidRun& run) {
  if (run.reader.met_images()) return;
  for (const CLI::Option* option : run.tool.app().get_options()) {
    const std::string flag = option->get_name();
    const bool of_images =
        option->get_group() == cli::images_heading || flag == "--no-round" || flag == "--strict";
    if (of_images && option->count() > 0)
      throw Error(flag + ": means nothing without images; features and statistics are ready");
  }
}

void warn_of_size(const FidRun& run, const FeatureStatistics& set) {
  if (!is_small_sample(set)) return;
  run.tool.say(set.source + ": " + std::to_string(set.count) + " images for " +
               std::to_string(set.dims()) +
               " features are few: they bias the distance upwards; compare it only with others "
               "at this number (--floor shows how large it is between halves of one set)");
}

}  // namespace diffusion
