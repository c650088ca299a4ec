// Arrays seen as image sets: which axis is what, and which values are black and white.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/image/image_set.hpp"
#include "lib/tensor/formats/npy_reader.hpp"

namespace diffusion {

enum class ChannelAxis { last, first };

struct PictureAxes {
  std::size_t count, height, width, channels;
  ChannelAxis channel_axis;
};

/// How the axes of an array are read: 4 axes with a last one of 1, 3 or 4 are
/// N x H x W x C, else with a second one of 1, 3 or 4 N x C x H x W; where that holds of both or of
/// neither, two that are equal, and not the third, are H and W, if no smaller than C where that
/// comes first. 3 axes are N x H x W, or H x W x C where the last is 3 or 4. `layout` ("nhwc",
/// "nchw", "nhw", "hwc", "chw") decides otherwise. Throws Error when it can't be told.
PictureAxes picture_axes(const std::vector<std::size_t>& shape,
                         const std::optional<std::string>& layout, const std::string& culprit);

/// The same by options.layout, or where the axes are in an order of options.expected, by that.
PictureAxes picture_axes(const std::vector<std::size_t>& shape, const ImageSetOptions& options,
                         const std::string& culprit);

/// What an array is called: in the names of its images, and in messages.
struct ArrayName {
  std::string name, culprit;
};

/// The images of an array, named "NAME[0]", "NAME[1]", ... with their row as id.
/// uint8 is 0..255, uint16 0..65535, floats [-1, 1] unless options.range says
/// other values for black and white; an image with values outside by more than 0.001 of
/// that can't be loaded, and if it is the first, none is. Numbers (see ArrayValues) are of any type
/// and of no range. Throws Error. `labels` is empty or one an image.
ImageSet images_of_array(NpyReader array, std::vector<int> labels, const ArrayName& name,
                         const ImageSetOptions& options);

/// Whether an array is one image among others: H x W x C, or C x H x W where `layout` is "chw" or,
/// of numbers, where the last two axes are equal and the first is smaller; of 1 to 4 channels where
/// it is a picture.
bool is_one_picture(const std::vector<std::size_t>& shape, const ImageSetOptions& options);

/// The image of such an array, its values as in images_of_array. Throws Error for what is
/// not one picture.
Image image_of_array(NpyArray array, const std::string& culprit, const ImageSetOptions& options);

}  // namespace diffusion
