// The images that are trained on: held compactly in memory, or left in their files and
// read when they are drawn.
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/image/image.hpp"
#include "lib/image/image_set.hpp"
#include "lib/models/data_units.hpp"
#include "lib/train/image_stream.hpp"

namespace diffusion {

/// What all images have in common.
struct ImageShape {
  std::size_t height, width, channels;
  std::size_t size() const { return height * width * channels; }
  bool operator==(const ImageShape&) const = default;
};

/// An image that can be read again whenever it is drawn, from any thread.
struct StoredImage {
  std::function<Image()> load;
  std::optional<int> label = {};
};

/// Images of one size, N x H x W x C. Copies and subsets share the pixels.
class TrainingSet {
 public:
  /// Held in memory: bytes where the files had 8 bits, else floats.
  TrainingSet(std::size_t height, std::size_t width, std::size_t channels);
  /// Streamed: each image is read when it is drawn.
  TrainingSet(const ImageShape& shape, std::vector<StoredImage> images,
              ArrayValues values = ArrayValues::pictures);

  std::size_t size() const { return rows_.size(); }
  const ImageShape& shape() const { return shape_; }
  std::size_t height() const { return shape_.height; }
  std::size_t width() const { return shape_.width; }
  std::size_t channels() const { return shape_.channels; }
  std::size_t image_size() const { return shape_.size(); }  // numbers in one
  bool streamed() const { return stream_ != nullptr; }
  std::size_t memory() const;  // of the pixels that are held, in bytes

  /// Makes room for so many images in all, of the depth that they seem to have.
  void reserve(std::size_t images, Depth depth);
  /// Takes an image's pixels (H x W x C, [-1, 1]) at the end, and its class, if it
  /// has one. The set is held, and no other shares its pixels.
  void add(std::span<const float> pixels, Depth depth, std::optional<int> label = {});
  std::optional<int> label(std::size_t index) const { return labels_[index]; }
  /// One more than the highest label, or as many as there are names; 0: no image has one.
  std::size_t classes() const { return std::max(classes_, label_names.size()); }
  /// Gives every label another number, of `classes` in all.
  void renumber_labels(std::span<const int> numbers, std::size_t classes);

  /// Some of the images, in this order; of as many classes.
  TrainingSet subset(std::span<const std::uint32_t> indices) const;
  /// The same images, held, and sharing nothing.
  TrainingSet in_memory() const;

  /// How an image is seen: `mirrored` swaps left and right; then it is shifted by
  /// pixels, and its edges repeat where it has left.
  enum class Side { as_is, mirrored };
  struct View {
    View(Side seen = Side::as_is, int pixels_down = 0, int pixels_right = 0)
        : side(seen), down(pixels_down), right(pixels_right) {}
    Side side;
    int down, right;
  };
  /// Writes image `index` in [-1, 1], or what the network sees of it by `units`. Streamed: throws
  /// Error when it is no longer what it was.
  void copy(std::size_t index, const View& view, std::span<float> out) const;
  /// The same in the data's own units.
  void copy_stored(std::size_t index, const View& view, std::span<float> out) const;
  /// Streamed: begins to read what will be copied next.
  void expect(std::span<const std::uint32_t> indices) const;

  std::vector<std::string> label_names;  // as the source names them; may be empty
  DataUnits units = {};                  // of what is not pictures

 private:
  struct Held {
    std::vector<std::uint8_t> bytes;
    std::vector<float> floats;  // instead of bytes once an image has more than 8 bits
    void turn_to_floats();
  };

  ImageShape shape_;
  std::size_t classes_ = 0;
  std::vector<std::uint32_t> rows_;  // of what is held or streamed
  std::vector<std::optional<int>> labels_;
  std::shared_ptr<Held> held_;
  std::shared_ptr<ImageStream> stream_;  // instead
};

}  // namespace diffusion
