// Makes the images of a set alike: size, crop, channels, opacity.
#pragma once
#include <optional>
#include <string>

#include "lib/image/image_set.hpp"

namespace diffusion {

/// What is asked for that pictures alone can heed: "`size`", or ""; the order of axes is no such
/// thing.
std::string picture_option(const ImageSetOptions& options);

/// Throws Error, opened by `culprit`, where there is such a thing; `held` is what has no use for
/// it.
void need_no_picture_options(const ImageSetOptions& options, const std::string& culprit,
                             const std::string& held);

/// `image` turned, without opacity, in other channels, resized and cropped, in this order, as
/// far as `options` ask for it; numbers as they are. Throws Error, opened by `name`, when a crop is
/// larger than the image, or where this is asked of numbers.
Image made_alike(Image image, const ImageSetOptions& options, const std::string& name);

/// Channels without opacity: 2 -> 1, 4 -> 3.
constexpr std::size_t plain_channels(std::size_t channels) { return channels < 3 ? 1 : 3; }

/// 1, 2, 3 or 4 channels to 1 (Rec. 601 luma, as Pillow's "L") or 3; alpha is dropped.
Tensor with_channels(const Tensor& image, std::size_t channels);

/// Values limited to [-1, 1], what files of 8 and 16 bits can hold.
Tensor clamped_to_range(Tensor image);

/// "white", "black", "gray", "#ff8000"; nothing for any other text.
std::optional<Colour> parse_colour(const std::string& text);

/// "drop", or "flatten=" and a colour; nothing for any other text.
std::optional<Opacity> parse_opacity(const std::string& text);

/// An image with opacity (2 or 4 channels) laid on a ground of one colour: 1 or 3
/// channels, 3 where the ground is no grey. Without opacity, as it is.
Tensor flattened(const Tensor& image, const Colour& ground);

}  // namespace diffusion
