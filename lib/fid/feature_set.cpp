#include "lib/fid/feature_set.hpp"

#include <algorithm>
#include <cassert>

#include "lib/base/error.hpp"
#include "lib/tensor/finite.hpp"

namespace diffusion {

std::string name_of(FeatureKind kind) {
  switch (kind) {
    case FeatureKind::features:
      return "features";
    case FeatureKind::logits:
      return "logits";
    case FeatureKind::spatial:
      return "spatial features";
  }
  return "";
}

FeatureSetBuilder::FeatureSetBuilder(std::string source, const std::vector<Keep>& keep)
    : source_(std::move(source)) {
  for (const Keep& each : keep) {
    if (std::ranges::find(kinds_, each.kind) == kinds_.end()) kinds_.push_back(each.kind);
    if (each.account == Account::moments)
      moments_.try_emplace(each.kind, source_);
    else if (!rows_.contains(each.kind))
      rows_.emplace(each.kind, std::make_shared<RowStore>());
  }
  dims_.resize(kinds_.size(), 0);
}

void FeatureSetBuilder::check(std::size_t kind, const Tensor& rows) {
  const std::size_t d = rows.shape()[1];
  if (dims_[kind] == 0) dims_[kind] = d;
  if (d != dims_[kind])
    throw Error(source_ + ": " + std::to_string(d) + " " + name_of(kinds_[kind]) +
                " where those before have " + std::to_string(dims_[kind]));
  if (const auto odd = first_not_finite({rows.data(), rows.size()}))
    throw Error(source_ + ": " + name_of(kinds_[kind]) + " of image " +
                std::to_string(count_ + *odd / d) + " (from 0) are " + not_finite);
}

void FeatureSetBuilder::add(std::span<const Tensor> rows) {
  assert(rows.size() == kinds_.size());
  for (std::size_t k = 0; k < rows.size(); ++k) {
    check(k, rows[k]);
    if (const auto moments = moments_.find(kinds_[k]); moments != moments_.end())
      moments->second.add(rows[k]);
    if (const auto store = rows_.find(kinds_[k]); store != rows_.end())
      store->second->append(rows[k]);
  }
  if (!rows.empty()) count_ += rows[0].shape()[0];
}

std::uint64_t FeatureSetBuilder::bytes_on_disk() const {
  std::uint64_t bytes = 0;
  for (const auto& [kind, store] : rows_) bytes += store->bytes();
  return bytes;
}

FeatureSet FeatureSetBuilder::finish(Json provenance) && {
  FeatureSet out{source_, count_, std::move(provenance)};
  for (auto& [kind, accumulator] : moments_)
    out.moments.emplace(kind, std::move(accumulator).finish(out.provenance));
  for (auto& [kind, store] : rows_) {
    out.rows.emplace(kind, store->view());
    out.owners.push_back(std::move(store));
  }
  return out;
}

Tensor select(const RowsView& rows, std::span<const std::size_t> indices) {
  Tensor out(Shape{indices.size(), rows.dims});
  for (std::size_t i = 0; i < indices.size(); ++i)
    std::copy_n(rows.row(indices[i]), rows.dims, out.data() + i * rows.dims);
  return out;
}

FeatureSet select(const FeatureSet& set, std::span<const std::size_t> indices) {
  FeatureSet out{set.source, indices.size(), set.provenance};
  for (const auto& [kind, rows] : set.rows) {
    auto chosen = std::make_shared<const Tensor>(select(rows, indices));
    if (set.moments.contains(kind)) {
      StatisticsAccumulator accumulator(set.source);
      accumulator.add(*chosen);
      out.moments.emplace(kind, std::move(accumulator).finish(set.provenance));
    }
    out.rows.emplace(kind, rows_of(*chosen));
    out.owners.push_back(std::move(chosen));
  }
  return out;
}

void check_comparable(const FeatureSet& a, const FeatureSet& b) {
  const auto stand_in = [](const FeatureSet& set, std::size_t dims) {
    FeatureStatistics out;
    out.source = set.source;
    out.provenance = set.provenance;
    out.mean = Array(Array::shape_type{dims});
    return out;
  };
  const auto dims = [](const FeatureSet& set, FeatureKind kind) -> std::size_t {
    if (const auto rows = set.rows.find(kind); rows != set.rows.end()) return rows->second.dims;
    const auto moments = set.moments.find(kind);
    return moments == set.moments.end() ? 0 : moments->second.dims();
  };
  for (const FeatureKind kind : {FeatureKind::features, FeatureKind::logits, FeatureKind::spatial})
    if (dims(a, kind) > 0 && dims(b, kind) > 0)
      check_same_provenance(stand_in(a, dims(a, kind)), stand_in(b, dims(b, kind)));
}

}  // namespace diffusion
