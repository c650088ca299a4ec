// What a comparison keeps of a set: accounts of all of it, and of its halves.
#pragma once
#include <vector>

#include "lib/fid/set_reader.hpp"

namespace diffusion {

/// A set, and its halves (every other image) where they are wanted.
struct Gathered {
  FeatureSet all;
  std::vector<FeatureSet> halves;
};
enum class Halves { none, both };

/// Keeps of a set what is asked for; ready statistics are as they are. Throws Error where
/// halves of statistics are wanted, and for a set without rows that is not a part.
Gathered gather(SetReader& reader, OpenSet set, const std::vector<Keep>& keep, Halves wanted);

/// The moments of a set's features, and of its spatial features if there are any.
SetStatistics gather_statistics(SetReader& reader, OpenSet set);

/// Throws Error where a set has fewer than two images.
void need_covariance(const FeatureStatistics& statistics);

}  // namespace diffusion
