#include "tools/fid/gather.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/text.hpp"
#include "lib/base/version.hpp"
#include "lib/fid/features/extract.hpp"

namespace diffusion {
namespace {

/// Ready rows taken at a time: so many values.
constexpr std::size_t portion = 1 << 20;

void count_failures(FidRun& run, const std::string& data, const ExtractionCount& count) {
  run.failed += count.failed;
  const bool may_be_empty = run.options.extent.shard.has_value();
  if (count.done == 0 && !(may_be_empty && count.failed == 0))
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

Json pass_images(FidRun& run, const std::string& data, ImageSet& images, const Taker& taker) {
  const FeatureExtractor& extractor = run.features();
  Progress progress(run.tool.progress(), data, images.count.value_or(0), "images");
  const auto complain = [&](const std::string& message) {
    if (run.options.strict) throw Error(message);
    run.tool.complain(message);
  };
  const ExtractionCount count =
      extract_features(images, extractor,
                       {.folder = folder_of(data),
                        .wanted = taker.kinds,
                        .take = [&](const std::vector<Tensor>& rows) { taker.rows(rows); },
                        .name = taker.name,
                        .complain = complain,
                        .progress = [&](std::size_t seen) { progress.update(seen); }});
  progress.finish();
  count_failures(run, data, count);
  Json provenance = extractor.provenance;
  provenance["tool"] = "diff-fid " + std::string(version());
  return provenance;
}

void pass_ready(const std::string& data, ReadyRows& ready, const Taker& taker) {
  const std::size_t most = std::max<std::size_t>(1, portion / ready.dims());
  for (std::size_t done = 0; done < ready.count();) {
    stop_if_interrupted();
    const Tensor rows = ready.next(most);
    for (std::size_t i = 0; i < rows.shape()[0]; ++i)
      taker.name(data + "[" + std::to_string(done + i) + "]");
    done += rows.shape()[0];
    taker.rows(std::vector<Tensor>(taker.kinds.size(), rows));
  }
}

/// Every other row, beginning with row `first`.
Tensor every_other(const Tensor& rows, std::size_t first) {
  const std::size_t n = rows.shape()[0], d = rows.shape()[1];
  Tensor out(Shape{(n + 1 - first) / 2, d});
  for (std::size_t i = first; i < n; i += 2)
    std::copy_n(rows.data() + i * d, d, out.data() + i / 2 * d);
  return out;
}

FeatureSet stored(const std::string& data, SetStatistics statistics) {
  FeatureSet out{data, statistics.features.count, statistics.features.provenance};
  if (statistics.spatial) out.moments.emplace(FeatureKind::spatial, *std::move(statistics.spatial));
  out.moments.emplace(FeatureKind::features, std::move(statistics.features));
  return out;
}

}  // namespace

const FeatureExtractor& FidRun::features() {
  if (!extractor)
    extractor =
        make_features(options.features, options.no_round ? Rounding::none : Rounding::eight_bits,
                      options.exec_patience);
  return *extractor;
}

OpenSet open_set(FidRun& run, const std::string& data) {
  const FidOptions& options = run.options;
  if (data == "-" && std::exchange(run.piped, true))
    throw Error("standard input: can be one of the sets, not two");
  OpenSet set{data, open_feature_source(data, options.images)};
  if (std::holds_alternative<SetStatistics>(set.source))
    set.images_beside = has_images_beside(data);
  if (set.images_beside && options.extent.shard)
    images_of(run, set);
  else
    set.source = part_of(std::move(set.source), options.extent, data);
  return set;
}

ImageSet* images_of(FidRun& run, OpenSet& set) {
  const FidOptions& options = run.options;
  if (std::holds_alternative<SetStatistics>(set.source) && set.images_beside)
    set.source = part_of(open_images({set.data}, options.images), options.extent, set.data);
  return std::get_if<ImageSet>(&set.source);
}

const Json& provenance_of(FidRun& run, const OpenSet& set) {
  static const Json unknown = Json::object();
  if (std::holds_alternative<ReadyRows>(set.source)) return unknown;
  const auto* statistics = std::get_if<SetStatistics>(&set.source);
  return statistics ? statistics->features.provenance : run.features().provenance;
}

namespace {

/// Why statistics lack what is wanted of them.
std::optional<std::string> lacking(const SetStatistics& statistics, const std::string& data,
                                   const Keep& wanted) {
  if (wanted.account == Account::rows)
    return "needs the " + name_of(wanted.kind) + " themselves, and " + data + " holds statistics";
  if (wanted.kind == FeatureKind::spatial && !statistics.spatial)
    return "needs spatial features (mu_s, sigma_s), which " + data + " does not hold";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> lacks(FidRun& run, const OpenSet& set, const Keep& wanted) {
  if (std::holds_alternative<ReadyRows>(set.source)) return std::nullopt;
  if (const auto* statistics = std::get_if<SetStatistics>(&set.source)) {
    const auto reason = lacking(*statistics, set.data, wanted);
    if (!reason || !set.images_beside) return reason;
  }
  const FeatureExtractor& extractor = run.features();
  if (std::ranges::find(extractor.kinds, wanted.kind) != extractor.kinds.end()) return std::nullopt;
  return "needs " + name_of(wanted.kind) + ", which " + extractor.name() + " does not give";
}

Json pass_rows(FidRun& run, OpenSet set, const Taker& taker) {
  if (ImageSet* images = images_of(run, set)) return pass_images(run, set.data, *images, taker);
  if (auto* ready = std::get_if<ReadyRows>(&set.source)) {
    pass_ready(set.data, *ready, taker);
    return Json::object();
  }
  throw Error(set.data + ": statistics; images or rows of features are needed here");
}

namespace {

/// Moments that were stored go before those of the images beside them, which may be fewer.
void prefer_stored(FeatureSet& set, SetStatistics statistics) {
  FeatureSet kept = stored(set.source, std::move(statistics));
  const auto rows = set.rows.find(FeatureKind::features);
  const std::size_t dims = kept.moments.at(FeatureKind::features).dims();
  if (rows != set.rows.end() && rows->second.dims != dims)
    throw Error(set.source + ": its statistics are of " + std::to_string(dims) +
                " features, and its images give " + std::to_string(rows->second.dims) +
                ": not comparable");
  check_same_origin({set.source, kept.provenance}, {set.source, set.provenance});
  for (auto& [kind, moments] : kept.moments) set.moments.insert_or_assign(kind, std::move(moments));
}

}  // namespace

Gathered gather(FidRun& run, OpenSet set, const std::vector<Keep>& keep, Halves wanted) {
  std::optional<SetStatistics> statistics;
  if (auto* found = std::get_if<SetStatistics>(&set.source)) {
    const bool suffice = std::ranges::none_of(
        keep, [&](const Keep& each) { return lacking(*found, set.data, each).has_value(); });
    if (wanted == Halves::both && !set.images_beside)
      throw Error(set.data + ": --floor splits a set, and statistics cannot be split");
    statistics = std::move(*found);
    if (suffice && wanted == Halves::none) return {stored(set.data, *std::move(statistics)), {}};
  }
  FeatureSetBuilder all(set.data, keep);
  if (keep.empty()) return {std::move(all).finish(Json::object()), {}};  // nobody asks
  std::vector<FeatureSetBuilder> halves;
  for (int h = 0; wanted == Halves::both && h < 2; ++h) halves.emplace_back(set.data, keep);
  const auto take = [&](std::span<const Tensor> rows) {
    for (std::size_t h = 0; h < halves.size(); ++h) {
      std::vector<Tensor> half;
      for (const Tensor& each : rows) half.push_back(every_other(each, (h + all.count()) % 2));
      halves[h].add(half);
    }
    all.add(rows);
  };
  const std::string data = set.data;
  const Json provenance = pass_rows(run, std::move(set), {.kinds = all.kinds(), .rows = take});
  if (all.bytes_on_disk() > 0)
    run.tool.explain(data + ": features of " + std::to_string(all.count()) +
                     " images kept in a temporary file of " +
                     human_bytes(double(all.bytes_on_disk())));
  if (all.count() == 0 && !run.options.extent.shard) throw Error(data + ": holds no rows");
  Gathered out{std::move(all).finish(provenance), {}};
  const bool moments = std::ranges::find(keep, Account::moments, &Keep::account) != keep.end();
  if (statistics && moments) prefer_stored(out.all, *std::move(statistics));
  for (auto& half : halves) out.halves.push_back(std::move(half).finish(provenance));
  return out;
}

}  // namespace diffusion
