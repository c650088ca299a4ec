#include "lib/image/array_images.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/image/alike.hpp"
#include "lib/image/pixels.hpp"
#include "lib/image/seen_images.hpp"
#include "lib/tensor/finite.hpp"

namespace diffusion {
namespace {

using Sizes = std::vector<std::size_t>;
using ValueRange = std::pair<double, double>;

bool is_channels(std::size_t extent) { return extent == 1 || extent == 3 || extent == 4; }

/// The layout's letters, one an axis: given, or guessed from the shape.
std::string letters(const Sizes& shape, const std::optional<std::string>& layout,
                    const std::string& culprit) {
  if (layout) return *layout;
  const std::string size = describe(Shape(shape.begin(), shape.end()));
  if (shape.size() == 3) return shape[2] == 3 || shape[2] == 4 ? "hwc" : "nhw";
  if (shape.size() != 4)
    throw Error(culprit + ": an array of " + std::to_string(shape.size()) + " axes (" + size +
                ") is not a batch of images, which has 4 (N x H x W x C) or 3 (N x H x W)");
  const bool last = is_channels(shape[3]), second = is_channels(shape[1]);
  if (last != second) return last ? "nhwc" : "nchw";
  const bool square_before = shape[1] == shape[2], square_behind = shape[2] == shape[3];
  if (square_before == square_behind || (square_behind && shape[1] > shape[2]))
    throw Error(culprit + ": an array of " + size + ": which axis is the channels? Say `layout` " +
                "nhwc or `layout` nchw");
  return square_before ? "nhwc" : "nchw";
}

/// An array as pictures, shared by the entries that were made of it.
struct Rows {
  NpyReader array;
  PictureAxes axes;
  bool numbers;                     // no pictures
  std::optional<ValueRange> range;  // of floats; nothing for integers that span their type
  std::string culprit;
  std::shared_ptr<SeenImages> seen;  // where nobody said what floats mean
  bool alone = false;                // the one row is all of its file

  std::size_t each() const { return axes.height * axes.width * axes.channels; }
  /// The elements of a row, of which there are each().
  template <class Sample>
  std::vector<Sample> samples(std::size_t row, std::size_t samples_each = 1) const {
    std::vector<Sample> out(each() * samples_each);
    array.read(row * each(), each(), reinterpret_cast<char*>(out.data()));
    return out;
  }
  std::string culprit_of(std::size_t row) const;
  void read_values(std::size_t row, float* out) const;
  Image load(std::size_t row) const;
};

/// The values of black and white, where they are not the type's own.
std::optional<ValueRange> range_of(NpyType type, const std::optional<ValueRange>& asked,
                                   const std::string& culprit) {
  if (asked) return asked;
  if (is_floating(type)) return ValueRange{-1, 1};
  if (type == NpyType::boolean) return ValueRange{0, 1};
  if (type == NpyType::uint8 || type == NpyType::uint16) return std::nullopt;
  throw Error(culprit + ": " + name_of(type) +
              " does not say which values are black and white; say `range` 0,255, or whatever " +
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

std::string row_name(const std::string& name, std::size_t row) {
  return name + "[" + std::to_string(row) + "]";
}

std::string Rows::culprit_of(std::size_t row) const {
  return alone ? culprit : row_name(culprit, row);
}

/// What `range` would take values from `low` to `high`, or "".
std::string fitting_range(double low, double high) {
  if (low < 0 || high > 255) return "";
  return high > 1 ? "; if they run from 0 to 255, say `range` 0,255"
                  : "; if they run from 0 to 1, say `range` 0,1";
}

/// Throws where a row holds what its range does not.
void check_range(const Rows& rows, std::size_t row, std::span<const float> values) {
  const auto [black, white] = *rows.range;
  const double slack = std::abs(white - black) / 2 * 1e-3;
  float low = INFINITY, high = -INFINITY;
  bool all_numbers = true;
  for (const float value : values) {
    low = std::min(low, value);
    high = std::max(high, value);
    all_numbers &= !std::isnan(value);
  }
  if (!all_numbers) throw Error(rows.culprit_of(row) + ": holds values that are not numbers (NaN)");
  if (low == -INFINITY || high == INFINITY)
    throw Error(rows.culprit_of(row) + ": holds values that are " + not_finite);
  if (low < std::min(black, white) - slack || high > std::max(black, white) + slack)
    throw Error(rows.culprit_of(row) + ": values from " + significant(low, 4) + " to " +
                significant(high, 4) + " where " + shortest(black) + " to " + shortest(white) +
                " is expected" + fitting_range(low, high));
  if (rows.seen) rows.seen->add_floats(low, high);
}

/// Who is told of the values of such an array.
std::shared_ptr<SeenImages> watching(NpyType type, const ImageSetOptions& options) {
  return is_floating(type) && !options.range ? options.seen : nullptr;
}

void Rows::read_values(std::size_t row, float* out) const {
  if (array.type() == NpyType::float32) {
    array.read(row * each(), each(), reinterpret_cast<char*>(out));
  } else {
    const auto raw = samples<char>(row, bytes_per_element(array.type()));
    convert(array.type(), raw.data(), each(), out);
  }
  if (numbers) return;
  check_range(*this, row, {out, each()});
  if (*range == ValueRange{-1, 1}) return;
  const auto low = float(range->first), scale = float(2 / (range->second - range->first));
  for (std::size_t i = 0; i < each(); ++i) out[i] = (out[i] - low) * scale - 1;
}

Image Rows::load(std::size_t row) const {
  const bool first = axes.channel_axis == ChannelAxis::first;
  Tensor pixels(first ? Shape{axes.channels, axes.height, axes.width}
                      : Shape{axes.height, axes.width, axes.channels});
  if (range || numbers)
    read_values(row, pixels.data());
  else if (array.type() == NpyType::uint8)
    to_values(std::span<const std::uint8_t>(samples<std::uint8_t>(row)), pixels.data());
  else
    to_values(std::span<const std::uint16_t>(samples<std::uint16_t>(row)), pixels.data());
  if (numbers && !all_finite(pixels))
    throw Error(culprit_of(row) + ": holds values that are " + not_finite);
  return {.pixels = first ? channels_last(pixels) : std::move(pixels),
          .depth = depth_of(array.type()),
          .numbers = numbers};
}

/// "hwc" or "chw" where the last three axes are as expected.
std::optional<std::string> expected_order(const Sizes& shape, const ImageSetOptions& options) {
  if (!options.expected || shape.size() < 3) return std::nullopt;
  const auto [h, w, c] = *options.expected;
  const Sizes last(shape.end() - 3, shape.end());
  if (last == Sizes{h, w, c}) return "hwc";
  return last == Sizes{c, h, w} ? std::optional("chw") : std::nullopt;
}

/// How the three axes of one image are laid out.
std::string letters_of_one(const Sizes& shape, const ImageSetOptions& options) {
  if (options.layout) return options.layout == "chw" ? "chw" : "hwc";
  if (const auto order = expected_order(shape, options)) return *order;
  const bool guess = options.values != ArrayValues::pictures && !is_channels(shape[2]);
  return guess && shape[1] == shape[2] && shape[0] < shape[1] ? "chw" : "hwc";
}

/// Whether an array's values are no picture's.
bool are_numbers(std::size_t channels, NpyType type, const ImageSetOptions& options) {
  if (options.values != ArrayValues::by_channels) return options.values == ArrayValues::as_they_are;
  return channels > 4 ||
         (channels % 2 == 0 && is_floating(type) && picture_option(options).empty());
}

/// The rows of an array, once it is known to be images.
Rows rows_of(NpyReader array, const PictureAxes& axes, const std::string& culprit,
             const ImageSetOptions& options) {
  const NpyType type = array.type();
  const bool numbers = are_numbers(axes.channels, type, options);
  if (!numbers && axes.channels > 4)
    throw Error(culprit + ": an array of " +
                describe(Shape(array.shape().begin(), array.shape().end())) + " has " +
                std::to_string(axes.channels) + " channels; needs 1 to 4");
  return {std::move(array), axes,
          numbers,          numbers ? std::nullopt : range_of(type, options.range, culprit),
          culprit,          numbers ? nullptr : watching(type, options)};
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
  if (axes.channels == 0)
    throw Error(culprit + ": an array of " + size + " laid out as " + order + " has no channels");
  if (axes.height == 0 || axes.width == 0) throw Error(culprit + ": images without pixels");
  if (order.find('c') < order.find('h')) axes.channel_axis = ChannelAxis::first;
  return axes;
}

PictureAxes picture_axes(const Sizes& shape, const ImageSetOptions& options,
                         const std::string& culprit) {
  const auto order = expected_order(shape, options);
  const bool as_expected = !options.layout && shape.size() == 4 && order;
  return picture_axes(shape, as_expected ? std::optional("n" + *order) : options.layout, culprit);
}

ImageSet images_of_array(NpyReader array, std::vector<int> labels, const ArrayName& name,
                         const ImageSetOptions& options) {
  const PictureAxes axes = picture_axes(array.shape(), options, name.culprit);
  if (axes.count == 0) throw Error(name.culprit + ": an array of no images");
  const auto rows =
      std::make_shared<const Rows>(rows_of(std::move(array), axes, name.culprit, options));
  if (!rows->numbers) rows->load(0);  // a wrong range is told at once
  ImageSet set;
  set.count = axes.count;
  set.next = [rows, labels = std::move(labels), name = name.name,
              row = std::size_t(0)]() mutable -> std::optional<ImageEntry> {
    if (row == rows->axes.count) return std::nullopt;
    const std::size_t at = row++;
    ImageEntry entry{row_name(name, at), at,
                     labels.empty() ? std::nullopt : std::optional(labels[at]),
                     [rows, at] { return rows->load(at); }, at};
    entry.culprit = rows->culprit_of(at);
    return entry;
  };
  return set;
}

bool is_one_picture(const Sizes& shape, const ImageSetOptions& options) {
  if (shape.size() != 3) return false;
  const std::size_t channels = shape[letters_of_one(shape, options).find('c')];
  return options.values != ArrayValues::pictures || (channels >= 1 && channels <= 4);
}

Image image_of_array(NpyArray array, const std::string& culprit, const ImageSetOptions& options) {
  if (array.shape.size() != 3)
    throw Error(culprit + ": an array of " +
                describe(Shape(array.shape.begin(), array.shape.end())) +
                " is not one picture (H x W x C); name the array by itself");
  const PictureAxes axes = picture_axes(array.shape, letters_of_one(array.shape, options), culprit);
  Rows rows = rows_of(NpyReader(std::move(array)), axes, culprit, options);
  rows.alone = true;
  return rows.load(0);
}

}  // namespace diffusion
