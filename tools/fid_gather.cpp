#include "tools/fid_gather.hpp"

#include <algorithm>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/version.hpp"
#include "lib/fid/extract.hpp"
#include "lib/fid/source.hpp"

namespace diffusion {
namespace {

using TakeRows = std::function<void(const Tensor& rows)>;

void count_failures(FidRun& run, const std::string& data, const ExtractionCount& count) {
  run.failed += count.failed;
  if (count.done == 0)
    throw Error(data +
                (count.failed == 0 ? ": holds no images" : ": none of its images can be used"));
  if (count.failed > 0)
    run.tool.complain(data + ": " + std::to_string(count.failed) + " of " +
                      std::to_string(count.done + count.failed) + " images left out");
}

/// Names of images are relative to it.
std::string folder_of(const std::string& data) {
  std::error_code none;
  if (std::filesystem::is_directory(data, none)) return data.ends_with('/') ? data : data + "/";
  const auto slash = data.rfind('/');
  return slash == data.npos ? "" : data.substr(0, slash + 1);
}

Json pass_images(FidRun& run, const std::string& data, ImageSet& images, const TakeRows& take) {
  const FeatureExtractor& extractor = run.features();
  Progress progress(run.tool.progress(), data, images.count.value_or(0), "images");
  const ExtractionCount count =
      extract_features(images, extractor,
                       {.folder = folder_of(data),
                        .take = [&](const std::vector<Tensor>& rows) { take(rows.at(0)); },
                        .complain = [&](const std::string& message) { run.tool.complain(message); },
                        .progress = [&](std::size_t seen) { progress.update(seen); }});
  progress.finish();
  count_failures(run, data, count);
  Json provenance = extractor.provenance;
  provenance["tool"] = "diff-fid " + std::string(version());
  return provenance;
}

Json pass_source(FidRun& run, const std::string& data, FeatureSource source, const TakeRows& take) {
  if (auto* images = std::get_if<ImageSet>(&source)) return pass_images(run, data, *images, take);
  if (const auto* rows = std::get_if<Tensor>(&source)) {
    take(*rows);
    return Json::object();
  }
  throw Error(data + ": statistics; images or rows of features are needed here");
}

FeatureSource open_source(FidRun& run, const std::string& data) {
  FeatureSource source = open_feature_source(data, run.options.images);
  if (run.options.limit == 0) return source;
  return limited(std::move(source), run.options.limit);
}

/// Every other row, beginning with row `first`.
Tensor every_other(const Tensor& rows, std::size_t first) {
  const std::size_t n = rows.shape()[0], d = rows.shape()[1];
  Tensor out(Shape{(n + 1 - first) / 2, d});
  for (std::size_t i = first; i < n; i += 2)
    std::copy_n(rows.data() + i * d, d, out.data() + i / 2 * d);
  return out;
}

}  // namespace

const FeatureExtractor& FidRun::features() {
  if (!extractor)
    extractor =
        make_features(options.features, options.no_round ? Rounding::none : Rounding::eight_bits);
  return *extractor;
}

Json pass_rows(FidRun& run, const std::string& data, const TakeRows& take) {
  return pass_source(run, data, open_source(run, data), take);
}

Gathered gather(FidRun& run, const std::string& data, Halves wanted) {
  FeatureSource source = open_source(run, data);
  if (auto* ready = std::get_if<FeatureStatistics>(&source)) {
    if (wanted == Halves::both)
      throw Error(data + ": --floor splits a set, and statistics cannot be split");
    return {std::move(*ready), {}};
  }
  StatisticsAccumulator all(data);
  std::vector<StatisticsAccumulator> halves(wanted == Halves::both ? 2 : 0, all);
  const Json provenance = pass_source(run, data, std::move(source), [&](const Tensor& rows) {
    for (std::size_t h = 0; h < halves.size(); ++h)
      halves[h].add(every_other(rows, (h + all.count()) % 2));
    all.add(rows);
  });
  Gathered out{std::move(all).finish(provenance), {}};
  for (auto& half : halves) out.halves.push_back(std::move(half).finish(provenance));
  return out;
}

}  // namespace diffusion
