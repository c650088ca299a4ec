#include "tools/fid_files.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/fid/feature_file.hpp"
#include "lib/fid/statistics_file.hpp"
#include "tools/fid_compare.hpp"

namespace diffusion {
namespace {

const std::string& only_data(const FidOptions& options) {
  if (options.data.size() != 1 || !options.real.empty()) throw Error("name one set of images");
  return options.data[0];
}

cli::ExitCode ending(const FidRun& run) { return run.failed > 0 ? cli::partial : cli::done; }

cli::ExitCode merge_features(FidRun& run) {
  cli::need_extension(run.options.output, ".npy");
  FeatureWriter writer(run.options.output);
  std::size_t dims = 0;
  for (const std::string& path : run.options.data) {
    OpenSet part{path, ReadyRows(NpyReader(path), path)};
    const std::size_t d = std::get<ReadyRows>(part.source).dims();
    if (dims != 0 && d != dims)
      throw Error(path + ": " + std::to_string(d) + " features where " + run.options.data[0] +
                  " has " + std::to_string(dims));
    dims = d;
    pass_rows(run, std::move(part),
              {.rows = [&](std::span<const Tensor> rows) { writer.append(rows[0]); }});
  }
  writer.commit();
  return cli::done;
}

}  // namespace

cli::ExitCode write_feature_rows(FidRun& run) {
  OpenSet set = open_set(run, only_data(run.options));
  cli::refuse_terminal(run.options.output, "an array of features");
  cli::need_extension(run.options.output, ".npy");
  const Keep wanted{run.options.kind, Account::rows};
  if (const auto reason = lacks(run, set, wanted)) throw Error("features: " + *reason);
  FeatureWriter writer(run.options.output);
  pass_rows(run, std::move(set),
            {.kinds = {wanted.kind},
             .rows = [&](std::span<const Tensor> rows) { writer.append(rows[0]); }});
  writer.commit();
  return ending(run);
}

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
  write_statistics(run.options.output, statistics);
  warn_of_size(run, statistics.features);
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
  write_statistics(run.options.output, merge(parts));
  return cli::done;
}

}  // namespace diffusion
