#include "lib/image/array_images.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/image/pixels.hpp"

namespace diffusion {
namespace {

using Sizes = std::vector<std::size_t>;
using Range = std::pair<double, double>;

bool is_channels(std::size_t extent) { return extent == 1 || extent == 3 || extent == 4; }

/// The layout's letters, one an axis: given, or guessed from the shape.
std::string letters(const Sizes& shape, const std::optional<std::string>& layout,
                    const std::string& culprit) {
  if (layout) return *layout;
  const std::string size = describe(Shape(shape.begin(), shape.end()));
  if (shape.size() == 3) return shape[2] == 3 || shape[2] == 4 ? "hwc" : "nhw";
  if (shape.size() != 4)
    throw Error(culprit + ": an array of " + std::to_string(shape.size()) + " axes (" + size +
                ") is no batch of images, which has 4 (N x H x W x C) or 3 (N x H x W)");
  const bool last = is_channels(shape[3]), second = is_channels(shape[1]);
  if (last == second)
    throw Error(culprit + ": an array of " + size + ": which axis is the channels? Say --layout " +
                "nhwc or --layout nchw");
  return last ? "nhwc" : "nchw";
}

/// An array as pictures, shared by the entries that were made of it.
struct Rows {
  NpyArray array;
  PictureAxes axes;
  std::optional<Range> range;  // of floats; nothing for integers that span their type
  Depth depth;

  std::size_t each() const { return axes.height * axes.width * axes.channels; }
  Image load(std::size_t row) const;
};

/// The values of black and white, where they are not the type's own.
std::optional<Range> range_of(NpyType type, const std::optional<Range>& asked,
                              const std::string& culprit) {
  if (asked) return asked;
  if (is_floating(type)) return Range{-1, 1};
  if (type == NpyType::boolean) return Range{0, 1};
  if (type == NpyType::uint8 || type == NpyType::uint16) return std::nullopt;
  throw Error(culprit + ": " + name_of(type) +
              " does not say which values are black and white; say --range 0,255, or whatever " +
              "they are (uint8, uint16 and floats need no range)");
}

Depth depth_of(NpyType type) {
  return is_floating(type)         ? Depth::float32
         : type == NpyType::uint16 ? Depth::uint16
                                   : Depth::uint8;
}

Tensor channels_last(const Tensor& chw) {
  const std::size_t channels = chw.shape(0), pixels = chw.shape(1) * chw.shape(2);
  Tensor hwc(Shape{chw.shape(1), chw.shape(2), channels});
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t i = 0; i < pixels; ++i)
      hwc.data()[i * channels + c] = chw.data()[c * pixels + i];
  return hwc;
}

Image Rows::load(std::size_t row) const {
  const bool first = axes.channel_axis == ChannelAxis::first;
  Tensor pixels(first ? Shape{axes.channels, axes.height, axes.width}
                      : Shape{axes.height, axes.width, axes.channels});
  const std::size_t at = row * each();
  if (range) {
    convert(array, at, each(), pixels.data());
    if (*range != Range{-1, 1}) {
      const auto low = float(range->first), scale = float(2 / (range->second - range->first));
      for (float& value : pixels) value = (value - low) * scale - 1;
    }
  } else if (array.type == NpyType::uint8) {
    to_values({reinterpret_cast<const std::uint8_t*>(array.bytes.data()) + at, each()},
              pixels.data());
  } else {
    std::vector<std::uint16_t> samples(each());
    std::memcpy(samples.data(), array.bytes.data() + at * sizeof samples[0],
                each() * sizeof samples[0]);
    to_values(std::span<const std::uint16_t>(samples), pixels.data());
  }
  return {first ? channels_last(pixels) : std::move(pixels), depth};
}

std::string row_name(const std::string& name, std::size_t row) {
  return name + "[" + std::to_string(row) + "]";
}

/// What --range would take values from `low` to `high`, or "".
std::string fitting_range(double low, double high) {
  if (low < 0 || high > 255) return "";
  return high > 1 ? "; if they run from 0 to 255, say --range 0,255"
                  : "; if they run from 0 to 1, say --range 0,1";
}

void check_range(const Rows& rows, const std::string& culprit) {
  if (!rows.range) return;
  const auto [black, white] = *rows.range;
  const double slack = std::abs(white - black) / 2 * 1e-3;
  std::vector<float> values(rows.each());
  for (std::size_t row = 0; row < rows.axes.count; ++row) {
    convert(rows.array, row * rows.each(), rows.each(), values.data());
    float low = INFINITY, high = -INFINITY;
    bool all_numbers = true;
    for (const float value : values) {
      low = std::min(low, value);
      high = std::max(high, value);
      all_numbers &= !std::isnan(value);
    }
    if (!all_numbers)
      throw Error(row_name(culprit, row) + ": holds values that are no numbers (NaN)");
    if (low < std::min(black, white) - slack || high > std::max(black, white) + slack)
      throw Error(row_name(culprit, row) + ": values from " + significant(low, 4) + " to " +
                  significant(high, 4) + " where " + shortest(black) + " to " + shortest(white) +
                  " is expected" + fitting_range(low, high));
  }
}

}  // namespace

PictureAxes picture_axes(const Sizes& shape, const std::optional<std::string>& layout,
                         const std::string& culprit) {
  const std::string order = letters(shape, layout, culprit);
  const std::string size = describe(Shape(shape.begin(), shape.end()));
  if (order.size() != shape.size())
    throw Error(culprit + ": an array of " + size + " can't be laid out as " + order);
  PictureAxes axes{1, 1, 1, 1, ChannelAxis::last};
  for (std::size_t i = 0; i < shape.size(); ++i) {
    std::size_t& extent = order[i] == 'n'   ? axes.count
                          : order[i] == 'h' ? axes.height
                          : order[i] == 'w' ? axes.width
                                            : axes.channels;
    extent = shape[i];
  }
  if (axes.channels < 1 || axes.channels > 4)
    throw Error(culprit + ": an array of " + size + " laid out as " + order + " has " +
                std::to_string(axes.channels) + " channels; needs 1 to 4");
  if (axes.height == 0 || axes.width == 0) throw Error(culprit + ": images without pixels");
  if (order.find('c') < order.find('h')) axes.channel_axis = ChannelAxis::first;
  return axes;
}

ImageSet images_of_array(NpyArray array, std::vector<int> labels, const ArrayName& name,
                         const ImageSetOptions& options) {
  const PictureAxes axes = picture_axes(array.shape, options.layout, name.culprit);
  if (axes.count == 0) throw Error(name.culprit + ": an array of no images");
  const auto range = range_of(array.type, options.range, name.culprit);
  const Depth depth = depth_of(array.type);
  const auto rows = std::make_shared<const Rows>(Rows{std::move(array), axes, range, depth});
  check_range(*rows, name.culprit);
  ImageSet set;
  set.count = axes.count;
  set.next = [rows, labels = std::move(labels), name = name.name,
              row = std::size_t(0)]() mutable -> std::optional<ImageEntry> {
    if (row == rows->axes.count) return std::nullopt;
    const std::size_t at = row++;
    return ImageEntry{row_name(name, at), at,
                      labels.empty() ? std::nullopt : std::optional(labels[at]),
                      [rows, at] { return rows->load(at); }, at};
  };
  return set;
}

}  // namespace diffusion
