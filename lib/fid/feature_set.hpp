// What a comparison keeps of one set of images: moments, or the features themselves.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/fid/features/features.hpp"
#include "lib/fid/row_store.hpp"
#include "lib/fid/statistics.hpp"

namespace diffusion {

/// "features", "logits", "spatial features": for messages.
std::string name_of(FeatureKind kind);

/// moments: count, mean and covariance, in memory whatever the number of images; rows:
/// everything.
enum class Account { moments, rows };

/// One thing to keep.
struct Keep {
  FeatureKind kind;
  Account account;
  auto operator<=>(const Keep&) const = default;
};

/// The features of `count` images (0: not known), as far as they were kept.
struct FeatureSet {
  std::string source;  // for messages: the DATA argument
  std::size_t count = 0;
  Json provenance = Json::object();  // what made the features; empty: not known
  std::map<FeatureKind, FeatureStatistics> moments = {};
  std::map<FeatureKind, RowsView> rows = {};
  std::vector<std::shared_ptr<const void>> owners = {};  // of the rows
};

/// Gathers a FeatureSet from portions of rows.
class FeatureSetBuilder {
 public:
  FeatureSetBuilder(std::string source, const std::vector<Keep>& keep);

  /// Kinds that add() takes, in its order.
  const std::vector<FeatureKind>& kinds() const { return kinds_; }

  /// n x d of each kind. Throws Error when d changes or a value is not finite.
  void add(std::span<const Tensor> rows);

  std::size_t count() const { return count_; }
  /// Of the temporary files with rows.
  std::uint64_t bytes_on_disk() const;

  FeatureSet finish(Json provenance) &&;

 private:
  void check(std::size_t kind, const Tensor& rows);

  std::string source_;
  std::vector<FeatureKind> kinds_;
  std::vector<std::size_t> dims_;
  std::map<FeatureKind, StatisticsAccumulator> moments_;
  std::map<FeatureKind, std::shared_ptr<RowStore>> rows_;
  std::size_t count_ = 0;
};

/// The set that consists of the images `indices` of `set`, which must have its rows: the
/// same accounts of the same kinds as in `set`.
FeatureSet select(const FeatureSet& set, std::span<const std::size_t> indices);

/// The chosen rows, n x d.
Tensor select(const RowsView& rows, std::span<const std::size_t> indices);

/// Throws Error as check_same_provenance of statistics does.
void check_comparable(const FeatureSet& a, const FeatureSet& b);

}  // namespace diffusion
