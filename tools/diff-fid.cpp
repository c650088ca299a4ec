// How far apart two sets of images are: features, their statistics, and distances.
#include <algorithm>
#include <iostream>
#include <optional>
#include <tuple>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/text.hpp"
#include "lib/fid/feature_file.hpp"
#include "lib/fid/metric.hpp"
#include "lib/fid/statistics_file.hpp"
#include "tools/fid_gather.hpp"
#include "tools/image_options.hpp"

using namespace diffusion;

namespace {

/// Below this many images the bias of the distance is large whatever the features.
constexpr std::size_t small_sample = 5000;

std::string feature_name(const FeatureStatistics& statistics) {
  return statistics.provenance.value("features", "");
}

void warn_of_provenance(const FidRun& run, const FeatureStatistics& a, const FeatureStatistics& b) {
  if (feature_name(a).empty() == feature_name(b).empty()) return;
  const auto& [silent, known] = feature_name(a).empty() ? std::tie(a, b) : std::tie(b, a);
  run.tool.say(silent.source + ": does not say what made its features; taken for " +
               feature_name(known));
}

/// The distance of two samples is too large on average, the more so the fewer they are.
void warn_of_size(const FidRun& run, const FeatureStatistics& set) {
  if (set.count == 0 || set.count >= std::max(small_sample, set.dims() + 1)) return;
  run.tool.say(set.source + ": " + std::to_string(set.count) + " images for " +
               std::to_string(set.dims()) +
               " features are few: they bias the distance upwards; compare it only with others "
               "at this number (--floor shows how large it is between halves of one set)");
}

void add_metrics(Json& report, const FeatureStatistics& real, const FeatureStatistics& fake,
                 const std::string& suffix) {
  check_same_provenance(real, fake);
  for (const Metric& metric : metrics())
    for (const MetricValue& value : metric.evaluate(real, fake))
      report[value.name + suffix] = number_to_json(value.value);
}

Json number_of_images(const FeatureStatistics& set) {
  return set.count == 0 ? Json(nullptr) : Json(set.count);
}

std::string in_text(const Json& value) {
  if (value.is_number_float()) return significant(value.get<double>(), 6);
  if (value.is_null()) return "unknown";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void print(const FidRun& run, const Json& report) {
  std::string text;
  if (run.tool.common().json)
    text = to_text(report);
  else
    for (const auto& [key, value] : report.items()) text += key + "\t" + in_text(value) + "\n";
  write_file(run.options.output, text);
}

cli::ExitCode ending(const FidRun& run) { return run.failed > 0 ? cli::partial : cli::done; }

cli::ExitCode compare(FidRun& run) {
  const FidOptions& options = run.options;
  const bool pair = !options.fake.empty();
  if (options.real.empty() || (!pair && !options.floor))
    throw Error("name two sets, REAL and FAKE (or one with --floor)");
  const Gathered real = gather(run, options.real, options.floor ? Halves::both : Halves::none);
  const FeatureStatistics fake = pair ? gather(run, options.fake, Halves::none).all : real.all;
  Json report = Json::object();
  if (pair) add_metrics(report, real.all, fake, "");
  if (options.floor) add_metrics(report, real.halves[0], real.halves[1], "_floor");
  const std::string name = feature_name(feature_name(real.all).empty() ? fake : real.all);
  report["features"] = name.empty() ? "ready" : name;
  report["n_real"] = number_of_images(real.all);
  if (pair) report["n_fake"] = number_of_images(fake);
  if (options.floor) report["n_floor"] = real.halves[1].count;
  print(run, report);
  warn_of_provenance(run, real.all, fake);
  warn_of_size(run, fake.count > 0 && fake.count < real.all.count ? fake : real.all);
  return ending(run);
}

const std::string& only_data(const FidOptions& options) {
  if (options.data.size() != 1 || !options.real.empty()) throw Error("name one set of images");
  return options.data[0];
}

cli::ExitCode write_feature_rows(FidRun& run) {
  const std::string& data = only_data(run.options);
  cli::refuse_terminal(run.options.output, "an array of features");
  cli::need_extension(run.options.output, ".npy");
  FeatureWriter writer(run.options.output);
  pass_rows(run, data, [&](const Tensor& rows) { writer.append(rows); });
  writer.commit();
  return ending(run);
}

cli::ExitCode write_stats(FidRun& run) {
  const std::string& data = only_data(run.options);
  cli::refuse_terminal(run.options.output, "a file of statistics");
  cli::need_extension(run.options.output, ".npz");
  const FeatureStatistics statistics = gather(run, data, Halves::none).all;
  write_statistics(run.options.output, statistics);
  warn_of_size(run, statistics);
  return ending(run);
}

cli::ExitCode merge_stats(FidRun& run) {
  if (run.options.data.empty()) throw Error("name the statistics to merge");
  cli::refuse_terminal(run.options.output, "a file of statistics");
  cli::need_extension(run.options.output, ".npz");
  std::vector<FeatureStatistics> parts;
  for (const std::string& path : run.options.data) parts.push_back(read_statistics(path));
  write_statistics(run.options.output, merge(parts));
  return cli::done;
}

cli::ExitCode list() {
  std::cout << "features (--features NAME[:key=value,...])\n";
  for (const FeatureFamily& row : feature_families())
    std::cout << "  " << row.name << "\n    " << row.summary << "\n"
              << (row.reference.empty() ? "" : "    " + row.reference + "\n");
  std::cout << "metrics\n";
  for (const Metric& row : metrics())
    std::cout << "  " << row.name << "\n    " << row.summary << "\n    " << row.reference << "\n";
  return cli::done;
}

CLI::App* add_command(CLI::App& app, FidOptions& options, const std::string& name,
                      const std::string& summary) {
  CLI::App* command = app.add_subcommand(name, summary);
  command->add_option("data", options.data, "What to read")->type_name("DATA");
  return command;
}

void add_options(cli::Tool& tool, FidOptions& options) {
  CLI::App& app = tool.app();
  app.add_option("real", options.real, "Images, features, statistics, or - (see the manual)")
      ->type_name("REAL");
  app.add_option("fake", options.fake, "What to compare with it")->type_name("FAKE");
  app.add_option("--features", options.features, "What to compare by (default: random; see list)")
      ->type_name("SPEC");
  app.add_flag("--floor", options.floor, "Also compare two halves of REAL");
  app.add_flag("--no-round", options.no_round, "Do not round float images to 8 bits");
  app.add_option("--limit", options.limit, "Use the first N images of a set (default: all)")
      ->type_name("N");
  app.add_option("-o,--output", options.output, "Where to write (default: standard output)")
      ->type_name("FILE");
  tool.add_json();
  cli::add_image_options(app, options.images);
}

}  // namespace

int main(int argc, char** argv) {
  FidOptions options;
  cli::Tool tool(
      "diff-fid", "how far apart two sets of images are",
      {{"diff-fid photos/ samples/", "the Frechet distance of two folders"},
       {"diff-fid --floor photos/", "of two halves of one set: as near as a model can get"},
       {"diff-fid stats photos/ -o photos.npz", "do the slow half once"},
       {"diff-sample m.safetensors -n 5000 -o - | diff-fid photos.npz -", "and use it in a pipe"},
       {"diff-fid features photos/ -o photos.npy", "a row of features an image"}});
  add_options(tool, options);
  CLI::App& app = tool.app();
  app.require_subcommand(0, 1);
  CLI::App* features = add_command(app, options, "features", "Write features: n x d float32 .npy");
  CLI::App* stats = add_command(app, options, "stats", "Write mean and covariance: .npz");
  CLI::App* merge = add_command(app, options, "merge", "Join statistics of parts: .npz");
  CLI::App* list_command = app.add_subcommand("list", "Print all features and metrics");

  return tool.run(argc, argv, [&] {
    catch_interrupts();
    FidRun run{tool, options};
    if (app.count("--features") > 0) run.features();  // a typo is told at once
    if (*features) return write_feature_rows(run);
    if (*stats) return write_stats(run);
    if (*merge) return merge_stats(run);
    if (*list_command) return list();
    return compare(run);
  });
}
