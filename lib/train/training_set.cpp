#include "lib/train/training_set.hpp"

#include <cassert>

#include "lib/base/error.hpp"
#include "lib/base/parallel.hpp"
#include "lib/image/alike.hpp"
#include "lib/train/pixels.hpp"

namespace diffusion {
namespace {

/// Writes what `view` shows of an image; value(i) is its number i, H x W x C.
template <class Value>
void write_view(const ImageShape& shape, const TrainingSet::View& view, const Value& value,
                std::span<float> out) {
  const auto [height, width, channels] = shape;
  if (view.side == TrainingSet::Side::as_is && view.down == 0 && view.right == 0) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = value(i);
    return;
  }
  const auto inside = [](std::size_t at, int shift, std::size_t extent) {
    return std::size_t(
        std::clamp(std::int64_t(at) - shift, std::int64_t(0), std::int64_t(extent) - 1));
  };
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      const std::size_t row = inside(y, view.down, height), column = inside(x, view.right, width);
      const std::size_t from =
          view.side == TrainingSet::Side::mirrored ? width - 1 - column : column;
      for (std::size_t c = 0; c < channels; ++c)
        out[(y * width + x) * channels + c] = value((row * width + from) * channels + c);
    }
}

/// Reads an image again, and holds it to what it was.
ImageStream::Pixels read_again(const StoredImage& stored, std::size_t number,
                               const ImageShape& shape, ArrayValues values) {
  const Image image = stored.load();
  const Tensor& pixels = image.pixels;
  const std::size_t channels = channels_trained_on(pixels.shape(2), values);
  if (pixels.shape(0) != shape.height || pixels.shape(1) != shape.width ||
      channels > shape.channels)
    throw Error("image " + std::to_string(number + 1) + " of those trained on is " +
                describe(pixels.shape()) + " now, and was not when training began");
  return pixels_trained_on(image, shape.channels, values);
}

std::size_t classes_with(std::size_t classes, const std::optional<int>& label) {
  return label ? std::max(classes, std::size_t(*label) + 1) : classes;
}

}  // namespace

TrainingSet::TrainingSet(std::size_t height, std::size_t width, std::size_t channels)
    : shape_{height, width, channels}, held_(std::make_shared<Held>()) {}

TrainingSet::TrainingSet(const ImageShape& shape, std::vector<StoredImage> images,
                         ArrayValues values)
    : shape_(shape) {
  for (const StoredImage& image : images) {
    rows_.push_back(std::uint32_t(rows_.size()));
    labels_.push_back(image.label);
    classes_ = classes_with(classes_, image.label);
  }
  stream_ =
      std::make_shared<ImageStream>([images = std::move(images), shape, values](std::uint32_t row) {
        return read_again(images[row], row, shape, values);
      });
}

std::size_t TrainingSet::memory() const {
  return held_ ? held_->bytes.size() + held_->floats.size() * sizeof(float) : 0;
}

void TrainingSet::Held::turn_to_floats() {
  floats.reserve(bytes.size());
  for (const std::uint8_t byte : bytes) floats.push_back(pixel_values[byte]);
  bytes = {};
}

void TrainingSet::reserve(std::size_t images, Depth depth) {
  if (depth == Depth::uint8)
    held_->bytes.reserve(images * image_size());
  else
    held_->floats.reserve(images * image_size());
}

void TrainingSet::add(std::span<const float> pixels, Depth depth, std::optional<int> label) {
  assert(held_.use_count() == 1 && pixels.size() == image_size() && label.value_or(0) >= 0);
  auto& [bytes, floats] = *held_;
  rows_.push_back(std::uint32_t(rows_.size()));
  labels_.push_back(label);
  classes_ = classes_with(classes_, label);
  if (depth != Depth::uint8 && floats.empty()) held_->turn_to_floats();
  for (const float pixel : pixels) {
    if (depth != Depth::uint8)
      floats.push_back(pixel);
    else if (floats.empty())
      bytes.push_back(to_byte(pixel));
    else
      floats.push_back(pixel_values[to_byte(pixel)]);
  }
}

void TrainingSet::renumber_labels(std::span<const int> numbers, std::size_t classes) {
  for (auto& label : labels_)
    if (label) label = numbers[std::size_t(*label)];
  classes_ = classes;
}

TrainingSet TrainingSet::subset(std::span<const std::uint32_t> indices) const {
  TrainingSet part(*this);
  part.rows_.clear();
  part.labels_.clear();
  for (const std::uint32_t index : indices) {
    part.rows_.push_back(rows_[index]);
    part.labels_.push_back(labels_[index]);
  }
  return part;
}

TrainingSet TrainingSet::in_memory() const {
  std::vector<std::vector<float>> pixels(size(), std::vector<float>(image_size()));
  parallel_for(size(), [&](std::size_t i) { copy(i, {}, pixels[i]); });
  TrainingSet held(height(), width(), channels());
  for (std::size_t i = 0; i < size(); ++i) held.add(pixels[i], Depth::float32, labels_[i]);
  held.label_names = label_names;
  held.classes_ = classes_;
  return held;
}

void TrainingSet::copy(std::size_t index, const View& view, std::span<float> out) const {
  copy_stored(index, view, out);
  units.to_network(out);
}

void TrainingSet::copy_stored(std::size_t index, const View& view, std::span<float> out) const {
  assert(index < size() && out.size() == image_size());
  if (stream_) {
    const ImageStream::Pixels pixels = stream_->take(rows_[index]);
    return write_view(
        shape_, view, [&](std::size_t i) { return pixels[i]; }, out);
  }
  const std::size_t first = rows_[index] * image_size();
  if (held_->floats.empty())
    return write_view(
        shape_, view, [&](std::size_t i) { return pixel_values[held_->bytes[first + i]]; }, out);
  write_view(
      shape_, view, [&](std::size_t i) { return held_->floats[first + i]; }, out);
}

void TrainingSet::expect(std::span<const std::uint32_t> indices) const {
  if (!stream_) return;
  std::vector<std::uint32_t> rows;
  for (const std::uint32_t index : indices) rows.push_back(rows_[index]);
  stream_->expect(rows);
}

}  // namespace diffusion
