#include "lib/train/training_set.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/parallel.hpp"

namespace diffusion {
namespace {

constexpr std::size_t decoded_at_once = 512;
constexpr int highest_label = 99'999;

constexpr std::array<float, 256> pixel_values = [] {
  std::array<float, 256> values{};
  for (int v = 0; v < 256; ++v) values[std::size_t(v)] = float(v / 127.5 - 1);
  return values;
}();

std::uint8_t to_byte(float pixel) {
  return std::uint8_t(std::clamp((pixel + 1) * 127.5f + 0.5f, 0.0f, 255.0f));
}

/// Without alpha: 2 -> 1, 4 -> 3.
std::size_t plain_channels(std::size_t channels) { return channels >= 3 ? 3 : 1; }

/// The pixels with `channels` channels: alpha dropped, grey repeated.
std::vector<float> plain_pixels(const Tensor& pixels, std::size_t channels) {
  const std::size_t from = pixels.shape(2), count = pixels.shape(0) * pixels.shape(1);
  const bool grey = plain_channels(from) == 1;
  std::vector<float> out(count * channels);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t c = 0; c < channels; ++c)
      out[i * channels + c] = pixels.data()[i * from + (grey ? 0 : c)];
  return out;
}

std::string size_of(const Tensor& pixels) {
  return std::to_string(pixels.shape(0)) + " x " + std::to_string(pixels.shape(1));
}

/// One of a batch of images that are decoded together.
struct Decoded {
  std::string name;
  std::optional<int> label;
  std::optional<Image> image;
  std::string failure;
};

std::vector<Decoded> decode(const std::vector<ImageEntry>& entries) {
  std::vector<Decoded> decoded(entries.size());
  parallel_for(entries.size(), [&](std::size_t i) {
    decoded[i].name = entries[i].name;
    decoded[i].label = entries[i].label;
    try {
      decoded[i].image = entries[i].load();
    } catch (const Error& e) {
      decoded[i].failure = e.what();
    }
  });
  return decoded;
}

/// Gathers decoded images; the first of them decides what the others must be.
class Gatherer {
 public:
  explicit Gatherer(LabelUse labels) : labels_(labels) {}

  void take(const Decoded& decoded) {
    if (!decoded.image) {
      failures_.push_back(decoded.failure);
      return;
    }
    const Tensor& pixels = decoded.image->pixels;
    if (!images_) {
      first_name_ = decoded.name;
      images_.emplace(pixels.shape(0), pixels.shape(1), plain_channels(pixels.shape(2)));
    }
    check(decoded.name, pixels);
    const auto label = labels_ == LabelUse::keep ? decoded.label : std::nullopt;
    if (label && (*label < 0 || *label > highest_label))
      throw Error(decoded.name + ": has the label " + std::to_string(*label) +
                  "; labels are numbers from 0 to " + std::to_string(highest_label));
    if (pixels.shape(2) == images_->channels())
      images_->add({pixels.data(), pixels.size()}, decoded.image->depth, label);
    else
      images_->add(plain_pixels(pixels, images_->channels()), decoded.image->depth);
  }

  LoadedImages result(const ImageSet& set) {
    if (!images_)
      throw Error(failures_.empty() ? "there are no images to train on"
                                    : failures_.front() + " (and nothing else could be read)");
    if (labels_ == LabelUse::keep) {
      images_->label_names = set.label_names;
      if (images_->classes() == 0)
        throw Error(
            "the images have no labels of their own (sub-folders, dataset.json, labels beside an "
            "array); --labels prefix takes them from file names, --labels FILE from a file");
    }
    return {std::move(*images_), std::move(failures_)};
  }

 private:
  void check(const std::string& name, const Tensor& pixels) const {
    if (pixels.shape(0) != images_->height() || pixels.shape(1) != images_->width())
      throw Error(name + ": is " + size_of(pixels) + " pixels where " + first_name_ + " is " +
                  std::to_string(images_->height()) + " x " + std::to_string(images_->width()) +
                  "; --size HxW makes all images alike");
    if (plain_channels(pixels.shape(2)) > images_->channels())
      throw Error(name + ": has colour where " + first_name_ +
                  " is grey; --rgb or --gray makes all images alike");
  }

  LabelUse labels_;
  std::string first_name_;
  std::optional<TrainingSet> images_;
  std::vector<std::string> failures_;
};

}  // namespace

TrainingSet::TrainingSet(std::size_t height, std::size_t width, std::size_t channels)
    : height_(height), width_(width), channels_(channels) {}

void TrainingSet::turn_to_floats() {
  floats_.reserve(bytes_.size());
  for (const std::uint8_t byte : bytes_) floats_.push_back(pixel_values[byte]);
  bytes_ = {};
}

TrainingSet TrainingSet::subset(std::span<const std::uint32_t> indices) const {
  TrainingSet part(height_, width_, channels_);
  part.label_names = label_names;
  part.count_ = indices.size();
  part.classes_ = classes_;
  const auto take = [&](const auto& from, auto& to) {
    if (from.empty()) return;
    to.reserve(indices.size() * image_size());
    for (const std::uint32_t index : indices) {
      const auto begin = from.begin() + std::ptrdiff_t(index * image_size());
      to.insert(to.end(), begin, begin + std::ptrdiff_t(image_size()));
    }
  };
  take(bytes_, part.bytes_);
  take(floats_, part.floats_);
  for (const std::uint32_t index : indices) part.labels_.push_back(labels_[index]);
  return part;
}

void TrainingSet::add(std::span<const float> pixels, Depth depth, std::optional<int> label) {
  assert(pixels.size() == image_size() && label.value_or(0) >= 0);
  labels_.push_back(label);
  if (label) classes_ = std::max(classes_, std::size_t(*label) + 1);
  if (depth != Depth::uint8 && floats_.empty()) turn_to_floats();
  const bool as_bytes = depth == Depth::uint8 && floats_.empty();
  if (as_bytes) {
    bytes_.resize(bytes_.size() + pixels.size());
    std::ranges::transform(pixels, bytes_.end() - std::ptrdiff_t(pixels.size()), to_byte);
  } else {
    floats_.insert(floats_.end(), pixels.begin(), pixels.end());
  }
  ++count_;
}

void TrainingSet::copy(std::size_t index, const View& view, std::span<float> out) const {
  assert(index < count_ && out.size() == image_size());
  const std::size_t first = index * image_size();
  const auto value = [&](std::size_t i) {
    return floats_.empty() ? pixel_values[bytes_[first + i]] : floats_[first + i];
  };
  if (view.side == Side::as_is && view.down == 0 && view.right == 0) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = value(i);
    return;
  }
  const auto inside = [](std::size_t at, int shift, std::size_t extent) {
    return std::size_t(
        std::clamp(std::int64_t(at) - shift, std::int64_t(0), std::int64_t(extent) - 1));
  };
  for (std::size_t y = 0; y < height_; ++y)
    for (std::size_t x = 0; x < width_; ++x) {
      const std::size_t row = inside(y, view.down, height_), column = inside(x, view.right, width_);
      const std::size_t from = view.side == Side::mirrored ? width_ - 1 - column : column;
      for (std::size_t c = 0; c < channels_; ++c)
        out[(y * width_ + x) * channels_ + c] = value((row * width_ + from) * channels_ + c);
    }
}

LoadedImages load_training_set(const ImageSet& set, LabelUse labels, const LoadProgress& progress) {
  Gatherer gatherer(labels);
  std::vector<ImageEntry> entries;
  std::size_t done = 0;
  const auto flush = [&] {
    stop_if_interrupted();
    for (const Decoded& decoded : decode(entries)) gatherer.take(decoded);
    done += entries.size();
    entries.clear();
    if (progress) progress(done, set.count);
  };
  while (auto entry = set.next()) {
    entries.push_back(std::move(*entry));
    if (entries.size() == decoded_at_once) flush();
  }
  flush();
  return gatherer.result(set);
}

}  // namespace diffusion
