#include "lib/fid/gather.hpp"

#include <algorithm>
#include <optional>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

/// Every other row, beginning with row `first`.
Tensor every_other(const Tensor& rows, std::size_t first) {
  const std::size_t n = rows.shape()[0], d = rows.shape()[1];
  Tensor out(Shape{(n + 1 - first) / 2, d});
  for (std::size_t i = first; i < n; i += 2)
    std::copy_n(rows.data() + i * d, d, out.data() + i / 2 * d);
  return out;
}

/// A set under construction, and its halves.
class SplitBuilder {
 public:
  SplitBuilder(const std::string& source, const std::vector<Keep>& keep, Halves wanted)
      : all_(source, keep) {
    for (int h = 0; wanted == Halves::both && h < 2; ++h) halves_.emplace_back(source, keep);
  }

  const FeatureSetBuilder& all() const { return all_; }

  void add(std::span<const Tensor> rows) {
    for (std::size_t h = 0; h < halves_.size(); ++h) {
      std::vector<Tensor> half;
      for (const Tensor& each : rows) half.push_back(every_other(each, (h + all_.count()) % 2));
      halves_[h].add(half);
    }
    all_.add(rows);
  }

  Gathered finish(const Json& provenance) && {
    Gathered out{std::move(all_).finish(provenance), {}};
    for (auto& half : halves_) out.halves.push_back(std::move(half).finish(provenance));
    return out;
  }

 private:
  FeatureSetBuilder all_;
  std::vector<FeatureSetBuilder> halves_;
};

FeatureSet stored(const std::string& data, SetStatistics statistics) {
  FeatureSet out{data, statistics.features.count, statistics.features.provenance};
  if (statistics.spatial) out.moments.emplace(FeatureKind::spatial, *std::move(statistics.spatial));
  out.moments.emplace(FeatureKind::features, std::move(statistics.features));
  return out;
}

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

bool suffice(const SetStatistics& statistics, const std::string& data,
             const std::vector<Keep>& keep) {
  return std::ranges::none_of(
      keep, [&](const Keep& each) { return lacking(statistics, data, each).has_value(); });
}

/// Reads all rows of `set`.
Gathered gather_rows(SetReader& reader, OpenSet set, const std::vector<Keep>& keep, Halves wanted) {
  const std::string data = set.data;
  SplitBuilder builder(data, keep, wanted);
  if (keep.empty()) return std::move(builder).finish(Json::object());  // nobody asks
  const auto take = [&](std::span<const Tensor> rows) { builder.add(rows); };
  const Json provenance =
      reader.pass(std::move(set), {.kinds = builder.all().kinds(), .rows = take});
  const std::size_t count = builder.all().count();
  if (const std::uint64_t bytes = builder.all().bytes_on_disk(); bytes > 0)
    reader.hooks().explain(data + ": features of " + std::to_string(count) +
                           " images kept in a temporary file of " + human_bytes(double(bytes)));
  if (count == 0 && !reader.in_parts()) throw Error(data + ": holds no rows");
  return std::move(builder).finish(provenance);
}

}  // namespace

Gathered gather(SetReader& reader, OpenSet set, const std::vector<Keep>& keep, Halves wanted) {
  auto* const found = std::get_if<SetStatistics>(&set.source);
  if (!found) return gather_rows(reader, std::move(set), keep, wanted);
  if (wanted == Halves::both && !set.images_beside)
    throw Error(set.data + ": `floor` splits a set, and statistics cannot be split");
  const bool enough = wanted == Halves::none && suffice(*found, set.data, keep);
  SetStatistics statistics = std::move(*found);
  if (enough) return {stored(set.data, std::move(statistics)), {}};
  Gathered out = gather_rows(reader, std::move(set), keep, wanted);
  const bool moments = std::ranges::find(keep, Account::moments, &Keep::account) != keep.end();
  if (moments) prefer_stored(out.all, std::move(statistics));
  return out;
}

SetStatistics gather_statistics(SetReader& reader, OpenSet set) {
  std::vector<Keep> keep = {{FeatureKind::features, Account::moments}};
  const Keep spatial{FeatureKind::spatial, Account::moments};
  if (!std::holds_alternative<ReadyRows>(set.source) && !reader.lacks(set, spatial))
    keep.push_back(spatial);
  FeatureSet gathered = gather(reader, std::move(set), keep, Halves::none).all;
  SetStatistics statistics{std::move(gathered.moments.at(FeatureKind::features))};
  const auto found = gathered.moments.find(FeatureKind::spatial);
  if (found != gathered.moments.end()) statistics.spatial = std::move(found->second);
  return statistics;
}

void need_covariance(const FeatureStatistics& statistics) {
  if (statistics.count < 2)
    throw Error(statistics.source + ": a covariance takes at least two images, and here " +
                (statistics.count == 1 ? "is one" : "are none"));
}

}  // namespace diffusion
