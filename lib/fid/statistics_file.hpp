// Statistics of features in .npz files, as the existing tools exchange them.
#pragma once
#include <optional>
#include <span>
#include <string>

#include "lib/fid/statistics.hpp"
#include "lib/tensor/formats/npz.hpp"

namespace diffusion {

/// Whether an .npz has `mu` and `sigma`, rather than a batch of images.
bool is_statistics(const NpzFile& file);

/// What a file holds of one set: moments of its features, and of its spatial features where
/// they were gathered.
struct SetStatistics {
  FeatureStatistics features;
  std::optional<FeatureStatistics> spatial = {};
};

/// `mu` (d) and `sigma` (d x d) of any float type; `mu_s` and `sigma_s` of spatial features,
/// `n` and `meta` where they are there. Throws Error when shapes disagree, or when a
/// covariance is not symmetric or not finite.
SetStatistics read_statistics(const std::string& path);
SetStatistics statistics_from(const NpzFile& file, const std::string& name);

/// Writes `mu`, `sigma` (float64), likewise `mu_s` and `sigma_s`, `n` (int64) and `meta`
/// (provenance: bytes of JSON). Of one image the covariance is zero; of none, a part of a set,
/// `mu` and `sigma` are empty.
void write_statistics(const std::string& path, const SetStatistics& statistics);

/// Of the union of disjoint parts. Throws Error as merge of FeatureStatistics does, and when
/// only some hold spatial features.
SetStatistics merge(std::span<const SetStatistics> parts);

}  // namespace diffusion
