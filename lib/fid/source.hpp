// What a metric can be fed with, told apart by its contents.
#pragma once
#include <optional>
#include <string>
#include <variant>

#include "lib/fid/statistics.hpp"
#include "lib/image/image_set.hpp"

namespace diffusion {

/// Statistics (.npz with mu and sigma), rows of ready features (a 2-d .npy, n x d),
/// or images.
using FeatureSource = std::variant<FeatureStatistics, Tensor, ImageSet>;

/// Opens one DATA argument; "-" is an array on standard input. Throws Error.
FeatureSource open_feature_source(const std::string& data, const ImageSetOptions& options);

/// At most the first `most` images or rows; statistics stay whole.
FeatureSource limited(FeatureSource source, std::size_t most);

}  // namespace diffusion
