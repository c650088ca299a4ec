// Pictures beside their nearest ones.
#pragma once
#include <span>
#include <string>

#include "lib/image/image_set.hpp"

namespace diffusion {

/// A row of the sheet: what stands before it, and the names of two images.
struct NamedPair {
  std::string label, sample, nearest;
};

/// A row a pair, the image of `samples` on the left, that of `nearest` on the right. Each set
/// is gone through once, and only what is shown is decoded. Throws Error where a name is
/// in its set no more.
Image pair_sheet(const ImageSet& samples, const ImageSet& nearest,
                 std::span<const NamedPair> pairs);

}  // namespace diffusion
