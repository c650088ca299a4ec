#include "tools/fid/files.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/fid/feature_file.hpp"
#include "lib/fid/statistics_file.hpp"
#include "tools/fid/compare.hpp"

namespace diffusion {
namespace {

const std::string& only_data(const FidOptions& options) {
  if (options.data.size() != 1 || !options.real.empty()) throw Error("name one set of images");
  return options.data[0];
}

cli::ExitCode ending(const FidRun& run) { return run.failed > 0 ? cli::partial : cli::done; }

/// Rows to a file, as long as they are numbers.
class CheckedWriter {
 public:
  explicit CheckedWriter(const std::string& path) : writer_(path) {}

  void append(const Tensor& rows, const std::string& source) {
    const auto bad = std::ranges::find_if_not(rows.data(), rows.data() + rows.size(),
                                              [](float x) { return std::isfinite(x); });
    if (bad != rows.data() + rows.size())
      throw Error(source + ": holds features that are not finite");
    writer_.append(rows);
  }
  void commit() { writer_.commit(); }

 private:
  FeatureWriter writer_;
};

cli::ExitCode merge_features(FidRun& run) {
  cli::need_extension(run.options.output, ".npy");
  CheckedWriter writer(run.options.output);
  std::size_t dims = 0;
  for (const std::string& path : run.options.data) {
    OpenSet part{path, ReadyRows(NpyReader(path), path)};
    const std::size_t d = std::get<ReadyRows>(part.source).dims();
    if (dims != 0 && d != dims)
      throw Error(path + ": " + std::to_string(d) + " features where " + run.options.data[0] +
                  " has " + std::to_string(dims));
    dims = d;
    writer.append(Tensor(Shape{0, d}), path);  // also where all parts are empty
    pass_rows(run, std::move(part),
              {.rows = [&](std::span<const Tensor> rows) { writer.append(rows[0], path); }});
  }
  writer.commit();
  return cli::done;
}

/// Features of the first image of a set: their number is that of all.
std::size_t width_of_first(FidRun& run, FeatureKind kind) {
  const std::string& data = run.options.data[0];
  OpenSet set{data, part_of(open_feature_source(data, run.options.images), {.most = 1}, data)};
  if (const auto* rows = std::get_if<ReadyRows>(&set.source)) return rows->dims();
  std::size_t width = 0;
  pass_rows(run, std::move(set), {.kinds = {kind}, .rows = [&](std::span<const Tensor> rows) {
                                    width = rows[0].shape()[1];
                                  }});
  return width;
}

}  // namespace

cli::ExitCode write_feature_rows(FidRun& run) {
  const std::string& data = only_data(run.options);
  OpenSet set = open_set(run, data);
  cli::refuse_terminal(run.options.output, "an array of features");
  cli::need_extension(run.options.output, ".npy");
  const Keep wanted{run.options.kind, Account::rows};
  if (const auto reason = lacks(run, set, wanted)) throw Error("features: " + *reason);
  CheckedWriter writer(run.options.output);
  bool any = false;
  const auto take = [&](std::span<const Tensor> rows) {
    writer.append(rows[0], data);
    any = true;
  };
  pass_rows(run, std::move(set), {.kinds = {wanted.kind}, .rows = take});
  if (!any) writer.append(Tensor(Shape{0, width_of_first(run, wanted.kind)}), data);
  writer.commit();
  return ending(run);
}

namespace {

/// Parts of a set may be of one image, or of none; a set may not.
void need_covariance(const FidRun& run, const FeatureStatistics& statistics) {
  if (statistics.count < 2 && !run.options.extent.shard)
    throw Error(statistics.source + ": " + std::to_string(statistics.count) +
                " images have no covariance: at least two are needed");
}

}  // namespace

cli::ExitCode write_stats(FidRun& run) {
  OpenSet set = open_set(run, only_data(run.options));
  cli::refuse_terminal(run.options.output, "a file of statistics");
  cli::need_extension(run.options.output, ".npz");
  std::vector<Keep> keep = {{FeatureKind::features, Account::moments}};
  const Keep spatial{FeatureKind::spatial, Account::moments};
  if (!std::holds_alternative<ReadyRows>(set.source) && !lacks(run, set, spatial))
    keep.push_back(spatial);
  FeatureSet gathered = gather(run, std::move(set), keep, Halves::none).all;
  SetStatistics statistics{std::move(gathered.moments.at(FeatureKind::features))};
  if (const auto found = gathered.moments.find(FeatureKind::spatial);
      found != gathered.moments.end())
    statistics.spatial = std::move(found->second);
  need_covariance(run, statistics.features);
  write_statistics(run.options.output, statistics);
  if (!run.options.extent.shard) warn_of_size(run, statistics.features);
  return ending(run);
}

cli::ExitCode merge_parts(FidRun& run) {
  const auto& paths = run.options.data;
  if (paths.empty()) throw Error("name the statistics or features to merge");
  cli::refuse_terminal(run.options.output, "a file of statistics or features");
  if (std::ranges::all_of(paths, is_feature_file)) return merge_features(run);
  cli::need_extension(run.options.output, ".npz");
  std::vector<SetStatistics> parts;
  for (const std::string& path : paths) parts.push_back(read_statistics(path));
  const SetStatistics whole = merge(parts);
  need_covariance(run, whole.features);
  write_statistics(run.options.output, whole);
  return cli::done;
}

}  // namespace diffusion
