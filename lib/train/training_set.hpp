// All training images in memory, as small as they can be.
#pragma once
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

  /// Takes an image's pixels (H x W x C, [-1, 1]) at the end.
  void add(std::span<const float> pixels, Depth depth);

  /// Writes image `index` in [-1, 1]; `mirrored` swaps left and right.
  enum class Side { as_is, mirrored };
  void copy(std::size_t index, Side side, std::span<float> out) const;

  std::vector<std::string> label_names;  // as the source names them; may be empty

 private:
  void turn_to_floats();

  std::size_t height_, width_, channels_, count_ = 0;
  std::vector<std::uint8_t> bytes_;
  std::vector<float> floats_;  // instead of bytes_ once an image has more than 8 bits
};

/// Called now and then with the number of images read so far.
using LoadProgress = std::function<void(std::size_t done, std::optional<std::size_t> total)>;

struct LoadedImages {
  TrainingSet images;
  std::vector<std::string> failures;  // "photos/a.png: ...", one a file that was left out
};

/// Reads a set whole, decoding on all threads. The first image says the size and
/// whether there is colour; grey images join a set of colour, alpha is dropped.
/// Bad files are left out and named. Throws Error when sizes differ (naming both)
/// or when nothing could be read.
LoadedImages load_training_set(const ImageSet& set, const LoadProgress& progress = {});

}  // namespace diffusion
