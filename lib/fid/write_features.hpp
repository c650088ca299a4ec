// Rows of features to files, as long as they are numbers.
#pragma once
#include <span>
#include <string>

#include "lib/fid/set_reader.hpp"

namespace diffusion {

/// The features of that kind of a set, a row an image, as n x d float32 .npy; without images 0 x
/// d. Throws Error where the set has none of that kind.
void write_features(SetReader& reader, OpenSet set, FeatureKind kind, const std::string& output);

/// Rows of several such files one after another; the first of `paths` is open already. Throws
/// Error where their widths differ, or one has no rows.
void merge_features(ReadyRows first, std::span<const std::string> paths, const std::string& output);

}  // namespace diffusion
