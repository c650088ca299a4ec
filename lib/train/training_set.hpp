// All training images in memory, as small as they can be.
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/base/json.hpp"
#include "lib/image/image_set.hpp"

namespace diffusion {

/// Images of one size, N x H x W x C: bytes where the files had 8 bits, else floats.
class TrainingSet {
 public:
  TrainingSet(std::size_t height, std::size_t width, std::size_t channels);

  std::size_t size() const { return count_; }
  std::size_t height() const { return height_; }
  std::size_t width() const { return width_; }
  std::size_t channels() const { return channels_; }
  std::size_t image_size() const { return height_ * width_ * channels_; }  // numbers in one
  std::size_t memory() const { return bytes_.size() + floats_.size() * sizeof(float); }

  /// Takes an image's pixels (H x W x C, [-1, 1]) at the end, and its class, if it
  /// has one.
  void add(std::span<const float> pixels, Depth depth, std::optional<int> label = {});
  std::optional<int> label(std::size_t index) const { return labels_[index]; }
  /// One more than the highest label, or as many as there are names; 0: no image has one.
  std::size_t classes() const { return std::max(classes_, label_names.size()); }

  /// Some of the images, in this order; of as many classes.
  TrainingSet subset(std::span<const std::uint32_t> indices) const;

  /// How an image is seen: `mirrored` swaps left and right; then it is shifted by
  /// pixels, and its edges repeat where it has left.
  enum class Side { as_is, mirrored };
  struct View {
    View(Side seen = Side::as_is, int pixels_down = 0, int pixels_right = 0)
        : side(seen), down(pixels_down), right(pixels_right) {}
    Side side;
    int down, right;
  };
  /// Writes image `index` in [-1, 1].
  void copy(std::size_t index, const View& view, std::span<float> out) const;

  std::vector<std::string> label_names;  // as the source names them; may be empty

 private:
  void turn_to_floats();

  std::size_t height_, width_, channels_, count_ = 0, classes_ = 0;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::optional<int>> labels_;
  std::vector<float> floats_;  // instead of bytes_ once an image has more than 8 bits
};

/// Called now and then with the number of images read so far.
using LoadProgress = std::function<void(std::size_t done, std::optional<std::size_t> total)>;

/// Whether classes are wanted: only then are a source's labels kept.
enum class LabelUse { ignore, keep };

struct LoadedImages {
  TrainingSet images;
  std::vector<std::string> failures;  // "photos/a.png: ...", one a file that was left out
};

/// Reads a set whole, decoding on all threads. The first image says the size and
/// whether there is colour; grey images join a set of colour, alpha is dropped.
/// Bad files are left out and named. Throws Error when sizes differ (naming both),
/// when nothing could be read, or when labels are to be kept and no image has one.
LoadedImages load_training_set(const ImageSet& set, LabelUse labels = LabelUse::ignore,
                               const LoadProgress& progress = {});

}  // namespace diffusion
