// Makes the images of a set alike: size, crop, number of channels.
#pragma once
#include <string>

#include "lib/image/image_set.hpp"

namespace diffusion {

/// `image` resized, cropped and converted as far as `options` ask for it. Throws
/// Error, opened by `name`, when a crop is larger than the image.
Image made_alike(Image image, const ImageSetOptions& options, const std::string& name);

/// 1, 2, 3 or 4 channels to 1 (Rec. 601 luma, as Pillow's "L") or 3; alpha is dropped.
Tensor with_channels(const Tensor& image, std::size_t channels);

}  // namespace diffusion
