// How far apart two sets of images are: features, their statistics, and distances.
#include <algorithm>
#include <iostream>
#include <optional>
#include <tuple>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/text.hpp"
#include "lib/base/version.hpp"
#include "lib/fid/extract.hpp"
#include "lib/fid/feature_file.hpp"
#include "lib/fid/metric.hpp"
#include "lib/fid/source.hpp"
#include "lib/fid/statistics_file.hpp"
#include "tools/cli.hpp"

using namespace diffusion;

namespace {

/// Below this many images the bias of the distance is large whatever the features.
constexpr std::size_t small_sample = 5000;

struct Options {
  std::string real, fake;         // of a comparison
  std::vector<std::string> data;  // of a subcommand
  std::string features = "random", output = "-", range, size, crop;
  std::size_t limit = 0;
  bool no_round = false, floor = false, gray = false;
  ImageSetOptions images;
};

/// One run: the extractor is made when the first images need it.
struct Run {
  cli::Tool& tool;
  const Options& options;
  std::optional<FeatureExtractor> extractor{};
  std::size_t failed = 0;

  const FeatureExtractor& features() {
    if (!extractor)
      extractor =
          make_features(options.features, options.no_round ? Rounding::none : Rounding::eight_bits);
    return *extractor;
  }
};

using TakeRows = std::function<void(const Tensor& rows)>;

void count_failures(Run& run, const std::string& data, const ExtractionCount& count) {
  run.failed += count.failed;
  if (count.done == 0)
    throw Error(data +
                (count.failed == 0 ? ": holds no images" : ": none of its images can be used"));
  if (count.failed > 0)
    run.tool.complain(data + ": " + std::to_string(count.failed) + " of " +
                      std::to_string(count.done + count.failed) + " images left out");
}

void pass_images(Run& run, const std::string& data, ImageSet& images, const TakeRows& take) {
  const FeatureExtractor& extractor = run.features();
  Progress progress(run.tool.progress(), data, images.count.value_or(0), "images");
  count_failures(run, data,
                 extract_features(images, extractor,
                                  {.take = take,
                                   .complain = [&](const auto& text) { run.tool.complain(text); },
                                   .progress = [&](std::size_t n) { progress.update(n); }}));
}

FeatureSource open_source(Run& run, const std::string& data) {
  FeatureSource source = open_feature_source(data, run.options.images);
  if (run.options.limit == 0) return source;
  return limited(std::move(source), data, run.options.limit);
}

/// Rows of images or of ready features, and what made them (nothing, if they were ready).
Json pass_rows(Run& run, const std::string& data, FeatureSource source, const TakeRows& take) {
  if (auto* images = std::get_if<ImageSet>(&source)) {
    pass_images(run, data, *images, take);
    Json provenance = run.features().provenance;
    provenance["tool"] = "diff-fid " + std::string(version());
    return provenance;
  }
  if (const auto* rows = std::get_if<Tensor>(&source)) {
    take(*rows);
    return Json::object();
  }
  throw Error(data + ": statistics; images or rows of features are needed here");
}

/// Statistics of a set, and of its halves where the floor is asked for.
struct Gathered {
  FeatureStatistics all;
  std::vector<FeatureStatistics> halves;
};

/// Every other row, beginning with the first (of `rows`) or the second.
Tensor every_other(const Tensor& rows, std::size_t first) {
  const std::size_t n = rows.shape()[0], d = rows.shape()[1];
  Tensor out(Shape{(n + 1 - first) / 2, d});
  for (std::size_t i = first; i < n; i += 2)
    std::copy_n(rows.data() + i * d, d, out.data() + i / 2 * d);
  return out;
}

enum class Halves { none, both };

Gathered gather(Run& run, const std::string& data, Halves wanted) {
  FeatureSource source = open_source(run, data);
  if (auto* ready = std::get_if<FeatureStatistics>(&source)) {
    if (wanted == Halves::both)
      throw Error(data + ": --floor splits a set, and statistics cannot be split");
    return {std::move(*ready), {}};
  }
  StatisticsAccumulator all(data);
  std::vector<StatisticsAccumulator> halves(wanted == Halves::both ? 2 : 0, all);
  Json provenance = pass_rows(run, data, std::move(source), [&](const Tensor& rows) {
    for (std::size_t h = 0; h < halves.size(); ++h)
      halves[h].add(every_other(rows, (h + all.count()) % 2));
    all.add(rows);
  });
  Gathered out{std::move(all).finish(provenance), {}};
  for (auto& half : halves) out.halves.push_back(std::move(half).finish(provenance));
  return out;
}

std::string feature_name(const FeatureStatistics& statistics) {
  return statistics.provenance.value("features", "");
}

void warn_of_provenance(const Run& run, const FeatureStatistics& a, const FeatureStatistics& b) {
  if (feature_name(a).empty() == feature_name(b).empty()) return;
  const auto& [silent, known] = feature_name(a).empty() ? std::tie(a, b) : std::tie(b, a);
  run.tool.say(silent.source + ": does not say what made its features; taken for " +
               feature_name(known));
}

/// The distance of two samples is too large on average, the more so the fewer they are.
void warn_of_size(const Run& run, const FeatureStatistics& set) {
  if (set.count == 0 || set.count >= std::max(small_sample, set.dims() + 1)) return;
  run.tool.say(set.source + ": " + std::to_string(set.count) + " images for " +
               std::to_string(set.dims()) +
               " features are few: they bias the distance upwards; compare it only with others "
               "at this number (--floor shows how large it is between halves of one set)");
}

Json number_of_images(const FeatureStatistics& set) {
  return set.count == 0 ? Json(nullptr) : Json(set.count);
}

std::string in_text(const Json& value) {
  if (value.is_number_float()) return significant(value.get<double>(), 6);
  if (value.is_null()) return "unknown";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void print(const Run& run, const Json& report) {
  std::string text;
  if (run.tool.common().json)
    text = to_text(report);
  else
    for (const auto& [key, value] : report.items()) text += key + "\t" + in_text(value) + "\n";
  write_file(run.options.output, text);
}

cli::ExitCode ending(const Run& run) { return run.failed > 0 ? cli::partial : cli::done; }

void add_metrics(Json& report, const FeatureStatistics& real, const FeatureStatistics& fake,
                 const std::string& suffix) {
  check_same_provenance(real, fake);
  for (const Metric& metric : metrics())
    for (const MetricValue& value : metric.evaluate(real, fake))
      report[value.name + suffix] = number_to_json(value.value);
}

cli::ExitCode compare(Run& run) {
  const Options& options = run.options;
  const bool pair = !options.fake.empty();
  if (options.real.empty() || (!pair && !options.floor))
    throw Error("name two sets, REAL and FAKE (or one with --floor)");
  const Gathered real = gather(run, options.real, options.floor ? Halves::both : Halves::none);
  Json report = Json::object();
  std::optional<FeatureStatistics> fake;
  if (pair) {
    fake = gather(run, options.fake, Halves::none).all;
    add_metrics(report, real.all, *fake, "");
    warn_of_provenance(run, real.all, *fake);
  }
  if (options.floor) add_metrics(report, real.halves[0], real.halves[1], "_floor");
  const std::string name =
      feature_name(real.all) + (fake && feature_name(real.all).empty() ? feature_name(*fake) : "");
  report["features"] = name.empty() ? "ready" : name;
  report["n_real"] = number_of_images(real.all);
  if (fake) report["n_fake"] = number_of_images(*fake);
  if (options.floor) report["n_floor"] = real.halves[1].count;
  print(run, report);
  const bool fewer =
      fake && fake->count > 0 && (fake->count < real.all.count || real.all.count == 0);
  warn_of_size(run, fewer ? *fake : real.all);
  return ending(run);
}

const std::string& only_data(const Options& options) {
  if (options.data.size() != 1 || !options.real.empty()) throw Error("name one set of images");
  return options.data[0];
}

cli::ExitCode write_feature_rows(Run& run) {
  const std::string& data = only_data(run.options);
  cli::refuse_terminal(run.options.output, "an array of features");
  FeatureWriter writer(run.options.output);
  pass_rows(run, data, open_source(run, data), [&](const Tensor& rows) { writer.append(rows); });
  writer.commit();
  return ending(run);
}

cli::ExitCode write_stats(Run& run) {
  const std::string& data = only_data(run.options);
  cli::refuse_terminal(run.options.output, "a file of statistics");
  const FeatureStatistics statistics = gather(run, data, Halves::none).all;
  write_statistics(run.options.output, statistics);
  warn_of_size(run, statistics);
  return ending(run);
}

cli::ExitCode merge_stats(Run& run) {
  if (run.options.data.empty()) throw Error("name the statistics to merge");
  cli::refuse_terminal(run.options.output, "a file of statistics");
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

/// "64" or "48x64" (height x width).
std::pair<std::size_t, std::size_t> parse_extents(const std::string& text, const char* flag) {
  std::vector<std::string> words = split(text, 'x');
  if (words.size() == 1) words.push_back(words[0]);
  std::pair<std::size_t, std::size_t> extents;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto value = parse_integer(words[i]);
    if (words.size() != 2 || !value || *value < 1 || *value > 65536)
      throw Error(std::string(flag) + " " + text + ": say N, or HEIGHTxWIDTH");
    (i == 0 ? extents.first : extents.second) = std::size_t(*value);
  }
  return extents;
}

std::pair<double, double> parse_range(const std::string& text) {
  const std::vector<std::string> words = split(text, ',');
  const auto low = parse_number(words[0]);
  const auto high = words.size() == 2 ? parse_number(words[1]) : std::nullopt;
  if (!low || !high || !(*low < *high))
    throw Error("--range " + text + ": say LOW,HIGH, such as 0,1");
  return {*low, *high};
}

void read_image_flags(Options& options) {
  if (!options.size.empty()) options.images.size = parse_extents(options.size, "--size");
  if (!options.crop.empty()) options.images.crop = parse_extents(options.crop, "--crop");
  if (!options.range.empty()) options.images.range = parse_range(options.range);
  if (options.gray) options.images.channels = 1;
}

void add_image_flags(CLI::App& app, Options& options) {
  const std::string group = "Reading images";
  app.add_option("--size", options.size, "Resize images to N x N, or to HEIGHTxWIDTH")
      ->type_name("N|HxW")
      ->group(group);
  app.add_option("--crop", options.crop, "Keep the centre of images, after resizing")
      ->type_name("N|HxW")
      ->group(group);
  app.add_flag("--gray", options.gray, "Make images grey")->group(group);
  app.add_option("--layout", options.images.layout, "Axes of arrays: nhwc or nchw")
      ->check(CLI::IsMember({"nhwc", "nchw"}).description(""))
      ->type_name("NAME")
      ->group(group);
  app.add_option("--range", options.range, "Black and white in float arrays (default: -1,1)")
      ->type_name("LOW,HIGH")
      ->group(group);
}

CLI::App* add_command(CLI::App& app, Options& options, const std::string& name,
                      const std::string& summary) {
  CLI::App* command = app.add_subcommand(name, summary);
  command->add_option("data", options.data, "Images, or statistics to merge")->type_name("DATA");
  return command;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  cli::Tool tool(
      "diff-fid", "how far apart two sets of images are",
      {{"diff-fid photos/ samples/", "the Frechet distance of two folders"},
       {"diff-fid --floor photos/", "of two halves of one set: as near as a model can get"},
       {"diff-fid stats photos/ -o photos.npz", "do the slow half once"},
       {"diff-sample m.safetensors -n 5000 -o - | diff-fid photos.npz -", "and use it in a pipe"},
       {"diff-fid features photos/ -o photos.npy", "a row of features an image"}});
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
  add_image_flags(app, options);
  app.require_subcommand(0, 1);

  CLI::App* features = add_command(app, options, "features", "Write features: n x d float32 .npy");
  CLI::App* stats = add_command(app, options, "stats", "Write mean and covariance: .npz");
  CLI::App* merge = add_command(app, options, "merge", "Join statistics of parts: .npz");
  CLI::App* list_command = app.add_subcommand("list", "Print all features and metrics");

  return tool.run(argc, argv, [&] {
    catch_interrupts();
    read_image_flags(options);
    Run run{tool, options};
    if (app.count("--features") > 0) run.features();  // a typo is told at once
    if (*features) return write_feature_rows(run);
    if (*stats) return write_stats(run);
    if (*merge) return merge_stats(run);
    if (*list_command) return list();
    return compare(run);
  });
}
