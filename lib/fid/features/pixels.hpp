// The pixels of an image as its features.
#pragma once
#include "lib/fid/features/features.hpp"

namespace diffusion {

/// d = H W C, in the order of the image, on the scale [-1, 1]. Takes no parameters.
FeatureExtractor pixel_features(Params& params, const FeatureSettings& settings);

}  // namespace diffusion
