#include "tools/fid/files.hpp"

#include <span>
#include <utility>

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "lib/fid/gather.hpp"
#include "lib/fid/source.hpp"
#include "lib/fid/write_features.hpp"

namespace diffusion {
namespace {

const std::string& only_data(const FidOptions& options) {
  if (options.data.size() != 1 || !options.real.empty()) throw Error("name one set of images");
  return options.data[0];
}

SetStatistics statistics_in(const std::string& path) {
  ReadySource part = open_ready(path);
  if (auto* const statistics = std::get_if<SetStatistics>(&part)) return std::move(*statistics);
  throw Error(path + ": holds features, and what is merged before it statistics");
}

}  // namespace

cli::ExitCode write_feature_rows(FidRun& run) {
  OpenSet set = run.reader.open(only_data(run.options));
  refuse_idle_reading(run);
  refuse_terminal(run.options.output, "an array of features");
  need_extension(run.options.output, ".npy");
  write_features(run.reader, std::move(set), run.options.kind, run.options.output);
  return run.ending();
}

cli::ExitCode write_stats(FidRun& run) {
  OpenSet set = run.reader.open(only_data(run.options));
  refuse_idle_reading(run);
  refuse_terminal(run.options.output, "a file of statistics");
  need_extension(run.options.output, ".npz");
  const SetStatistics statistics = gather_statistics(run.reader, std::move(set));
  run.reader.conclude();
  const bool whole = !run.reader.in_parts();  // a part may be of one image, or of none
  if (whole) need_covariance(statistics.features);
  write_statistics(run.options.output, statistics);
  if (whole) warn_of_size(run, statistics.features);
  return run.ending();
}

cli::ExitCode merge_parts(FidRun& run) {
  const auto& paths = run.options.data;
  const std::string& output = run.options.output;
  if (paths.empty()) throw Error("name the statistics or features to merge");
  refuse_terminal(output, "a file of statistics or features");
  ReadySource first = open_ready(paths[0]);
  if (auto* const rows = std::get_if<ReadyRows>(&first)) {
    need_extension(output, ".npy");
    merge_features(std::move(*rows), paths, output);
    return cli::done;
  }
  need_extension(output, ".npz");
  std::vector<SetStatistics> parts{std::get<SetStatistics>(std::move(first))};
  for (const std::string& path : std::span(paths).subspan(1)) parts.push_back(statistics_in(path));
  const SetStatistics whole = merge(parts);
  need_covariance(whole.features);
  write_statistics(output, whole);
  return cli::done;
}

}  // namespace diffusion
