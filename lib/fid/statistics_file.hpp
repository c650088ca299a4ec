// Statistics of features in .npz files, as the existing tools exchange them.
#pragma once
#include <string>

#include "lib/fid/statistics.hpp"
#include "lib/tensor/npz.hpp"

namespace diffusion {

/// Whether `path` is an .npz with `mu` and `sigma`, rather than a batch of images.
bool is_statistics_file(const std::string& path);

/// `mu` (d) and `sigma` (d x d) of any float type, `n` and `meta` where they are
/// there. Throws Error when shapes disagree, or when sigma is not symmetric or not
/// finite.
FeatureStatistics read_statistics(const std::string& path);
FeatureStatistics statistics_from(const NpzFile& file, const std::string& name);

/// Writes `mu`, `sigma` (float64), `n` (int64) and `meta` (provenance: bytes of JSON).
/// Throws Error for fewer than two images.
void write_statistics(const std::string& path, const FeatureStatistics& statistics);

}  // namespace diffusion
