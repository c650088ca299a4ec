// What a metric can be given: images, features or statistics, told apart by their contents.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "lib/base/shard.hpp"
#include "lib/fid/feature_file.hpp"
#include "lib/fid/statistics_file.hpp"
#include "lib/image/image_set.hpp"

namespace diffusion {

/// Statistics (an .npz with mu and sigma) or rows of features (n x d: a .npy, or an array of an
/// .npz), whatever the file is called; a table of points (.csv, .tsv, .txt, or text in a pipe) is
/// rows of features.
using ReadySource = std::variant<SetStatistics, ReadyRows>;

/// What somebody else computed, in a file, a pipe or "-", standard input, which is opened once.
/// Throws Error where it is something else.
ReadySource open_ready(const std::string& path);

/// Statistics, features, or images.
using FeatureSource = std::variant<SetStatistics, ReadyRows, ImageSet>;

/// Opens one DATA argument; "-" is standard input. Throws Error.
FeatureSource open_feature_source(const std::string& data, const ImageSetOptions& options);

/// Whether a file, of statistics, also holds a batch of images, arr_0, as published ones do.
bool has_images_beside(const std::string& data);

/// Which images of a source to use.
struct Extent {
  std::optional<std::size_t> most = {};    // the first so many
  std::optional<std::size_t> subset = {};  // or so many at random, in their order
  std::uint64_t seed = 0;                  // of that choice
  std::optional<Shard> shard = {};         // ... and of these a part
};

/// Statistics stay whole, but have no shards or subsets. Throws Error where the number of
/// images is not known beforehand and one of these is asked for, and for more than there are.
FeatureSource part_of(FeatureSource source, const Extent& extent, const std::string& data);

}  // namespace diffusion
