#include "lib/fid/set_reader.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "lib/base/version.hpp"
#include "lib/fid/features/extract.hpp"
#include "lib/fid/reading_record.hpp"

namespace diffusion {
namespace {

/// Names of images are relative to it.
std::string folder_of(const std::string& data) {
  std::error_code none;
  if (std::filesystem::is_directory(data, none)) return data.ends_with('/') ? data : data + "/";
  const auto slash = data.rfind('/');
  return slash == data.npos ? "" : data.substr(0, slash + 1);
}

void pass_ready(const std::string& data, ReadyRows& ready, const Taker& taker) {
  std::size_t done = 0;
  for_each_portion(ready, [&](const Tensor& rows) {
    for (std::size_t i = 0; i < rows.shape()[0]; ++i)
      taker.name(data + "[" + std::to_string(ready.in_file(done + i)) + "]");
    done += rows.shape()[0];
    taker.rows(std::vector<Tensor>(taker.kinds.size(), rows));
  });
}

}  // namespace

const FeatureExtractor& SetReader::extractor() {
  if (!extractor_) {
    extractor_ = settings_.extractor();
    extractor_->provenance.update(reading_record(settings_.images));
  }
  return *extractor_;
}

OpenSet SetReader::open(const std::string& data) {
  if (is_stream(data) && !piped_.insert(data).second)
    throw Error((data == "-" ? "standard input" : data) + ": can be one of the sets, not two");
  OpenSet set{data, open_feature_source(data, settings_.images)};
  if (std::holds_alternative<SetStatistics>(set.source))
    set.images_beside = has_images_beside(data);
  if (set.images_beside && (in_parts() || settings_.extent.subset))
    images_of(set);
  else
    set.source = part_of(std::move(set.source), settings_.extent, data);
  met_images_ |= set.images_beside || std::holds_alternative<ImageSet>(set.source);
  return set;
}

ImageSet* SetReader::images_of(OpenSet& set) const {
  if (std::holds_alternative<SetStatistics>(set.source) && set.images_beside)
    set.source = part_of(open_images({set.data}, settings_.images), settings_.extent, set.data);
  return std::get_if<ImageSet>(&set.source);
}

const Json& SetReader::provenance_of(const OpenSet& set) {
  static const Json unknown = Json::object();
  if (std::holds_alternative<ReadyRows>(set.source)) return unknown;
  const auto* statistics = std::get_if<SetStatistics>(&set.source);
  return statistics ? statistics->features.provenance : extractor().provenance;
}

std::optional<std::string> lacking(const SetStatistics& statistics, const std::string& data,
                                   const Keep& wanted) {
  if (wanted.account == Account::rows)
    return "needs the " + name_of(wanted.kind) + " themselves, and " + data + " holds statistics";
  if (wanted.kind == FeatureKind::spatial && !statistics.spatial)
    return "needs spatial features (mu_s, sigma_s), which " + data + " does not hold";
  return std::nullopt;
}

std::optional<std::string> SetReader::lacks(const OpenSet& set, const Keep& wanted) {
  if (std::holds_alternative<ReadyRows>(set.source)) return std::nullopt;
  if (const auto* statistics = std::get_if<SetStatistics>(&set.source)) {
    const auto reason = lacking(*statistics, set.data, wanted);
    if (!reason || !set.images_beside) return reason;
  }
  const FeatureExtractor& gives = extractor();
  if (std::ranges::find(gives.kinds, wanted.kind) != gives.kinds.end()) return std::nullopt;
  return "needs " + name_of(wanted.kind) + ", which " + gives.name() + " does not give";
}

std::optional<KnownWidth> known_width(const OpenSet& set) {
  if (set.images_beside) return std::nullopt;
  if (const auto* rows = std::get_if<ReadyRows>(&set.source))
    return KnownWidth{set.data, rows->dims()};
  const auto* statistics = std::get_if<SetStatistics>(&set.source);
  if (statistics == nullptr || statistics->features.holds_nothing()) return std::nullopt;
  return KnownWidth{set.data, statistics->features.dims()};
}

namespace {

/// Hands rows on where their features are as many as those of the set beside.
TakeRows as_wide(const OpenSet& set, const Taker& taker) {
  return [&set, &taker](std::span<const Tensor> rows) {
    for (std::size_t i = 0; set.beside && i < rows.size(); ++i)
      if (taker.kinds[i] == FeatureKind::features)
        check_same_width(*set.beside, {set.data, rows[i].shape()[1]});
    taker.rows(rows);
  };
}

}  // namespace

Json SetReader::pass(OpenSet set, const Taker& taker) {
  const Taker checked{taker.kinds, as_wide(set, taker), taker.name};
  if (ImageSet* images = images_of(set)) return pass_images(set.data, *images, checked);
  if (auto* ready = std::get_if<ReadyRows>(&set.source)) {
    pass_ready(set.data, *ready, checked);
    return Json::object();
  }
  throw Error(set.data + ": statistics; images or rows of features are needed here");
}

Json SetReader::pass_images(const std::string& data, ImageSet& images, const Taker& taker) {
  const FeatureExtractor& extracts = extractor();
  ExtractionCount count;
  {
    const Advance advance = hooks_.begin(data, images.count.value_or(0), "images");
    const auto complain = [&](const std::string& message) {
      if (settings_.strict) throw Error(message);
      hooks_.complain(message);
    };
    count = extract_features(images, extracts,
                             {.folder = folder_of(data),
                              .wanted = taker.kinds,
                              .take = [&](const std::vector<Tensor>& rows) { taker.rows(rows); },
                              .name = taker.name,
                              .complain = complain,
                              .progress = advance});
  }
  images.conclude();
  count_failures(data, count.done, count.failed);
  Json provenance = extracts.provenance;
  provenance["tool"] = "diff-fid " + std::string(version());
  return provenance;
}

void SetReader::count_failures(const std::string& data, std::size_t done, std::size_t failed) {
  failed_ += failed;
  if (done == 0 && failed > 0) throw Error(data + ": none of its images can be used");
  if (done == 0 && !in_parts()) throw Error(data + ": holds no images");
  if (failed > 0)
    hooks_.complain(data + ": " + std::to_string(failed) + " of " + std::to_string(done + failed) +
                    " images left out");
}

void SetReader::conclude() {
  if (!extractor_ || !extractor_->finish) return;
  if (const auto wrong = extractor_->finish()) hooks_.complain(*wrong);
}

std::size_t SetReader::width_of(const std::string& data, FeatureKind kind) {
  OpenSet set{data, part_of(open_feature_source(data, settings_.images), {.most = 1}, data)};
  if (const auto* rows = std::get_if<ReadyRows>(&set.source)) return rows->dims();
  std::size_t width = 0;
  pass(std::move(set), {.kinds = {kind},
                        .rows = [&](std::span<const Tensor> rows) { width = rows[0].shape()[1]; }});
  return width;
}

}  // namespace diffusion
