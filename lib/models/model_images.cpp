#include "lib/models/model_images.hpp"

#include <algorithm>
#include <utility>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/text.hpp"
#include "lib/image/alike.hpp"
#include "lib/tensor/stack.hpp"

namespace diffusion {
namespace {

bool is_grey_or_rgb(std::size_t channels) { return channels == 1 || channels == 3; }

/// As many channels as the model has, where both have those of pictures.
Tensor in_channels(const Image& image, std::size_t channels) {
  return is_grey_or_rgb(channels) && !image.numbers ? with_channels(image.pixels, channels)
                                                    : image.pixels;
}

/// A model of pictures without opacity is shown none.
ImageSetOptions reading_for(const Shape& sample, const ImageSetOptions& reading) {
  return is_grey_or_rgb(sample[2]) ? without_opacity(reading) : reading;
}

void need_size(const Image& image, const Shape& sample, const std::string& name) {
  const auto& has = image.pixels.shape();
  if (has == sample) return;
  const std::string size = std::to_string(sample[0]) + "x" + std::to_string(sample[1]);
  throw Error(name + ": is " + describe(has) + " where the model needs " + describe(sample) +
              (has[2] == sample[2] && !image.numbers
                   ? "; `size` " + size + " makes it fit"
                   : "; an array (.npy) of N x " + describe(sample) + " fits"));
}

/// Throws Error for an image that the model cannot take.
Image fitting(const ImageEntry& entry, const Shape& sample, ArrayValues values) {
  Image image = entry.load();
  if (values == ArrayValues::as_they_are && !image.numbers)
    throw Error(entry.called() + ": is a picture, and the model is of numbers");
  image.pixels = in_channels(image, sample[2]);
  if (image.numbers) image.depth = Depth::float32;
  need_size(image, sample, entry.called());
  return image;
}

[[noreturn]] void refuse_all(const std::vector<std::string>& failures, const std::string& data) {
  if (failures.empty()) throw Error(data + ": no image is there");
  const std::size_t others = failures.size() - 1;
  throw Error(failures.front() +
              (others == 0   ? ""
               : others == 1 ? " (nor can the other image be used)"
                             : " (nor can the " + std::to_string(others) + " others be used)"));
}

ModelImages load(const ImageSet& set, const std::string& data, const Shape& sample,
                 const ModelImagesOptions& options) {
  ModelImages images;
  std::vector<Tensor> pixels;
  while (pixels.size() < options.most) {
    stop_if_interrupted();
    const auto entry = set.next();
    if (!entry) break;
    try {
      Image image = fitting(*entry, sample, options.reading.values);
      pixels.push_back(std::move(image.pixels));
      images.depth = std::max(images.depth, image.depth);
    } catch (const Error& e) {
      images.failures.emplace_back(e.what());
      continue;
    }
    images.names.push_back(printable(entry->name));
    images.labels.push_back(entry->label);
    images.unlabelled.add(entry->label, entry->called());
  }
  if (pixels.empty()) refuse_all(images.failures, data);
  images.pixels = stacked(pixels);
  images.label_names = set.label_names;
  images.why_unlabelled = set.why_unlabelled;
  set.conclude();
  return images;
}

}  // namespace

ModelImages load_model_images(const std::vector<std::string>& data, const Shape& sample,
                              const ModelImagesOptions& options) {
  const ImageSet set = open_images(data, reading_for(sample, options.reading));
  return load(set, join(data, ", "), sample, options);
}

ModelImages load_model_images(std::shared_ptr<InputFile> stream, const std::string& data,
                              const Shape& sample, const ModelImagesOptions& options) {
  const ImageSet set =
      open_image_stream(std::move(stream), data, reading_for(sample, options.reading));
  return load(set, data, sample, options);
}

}  // namespace diffusion
