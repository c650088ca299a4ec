#include "tools/sample/invert_images.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

Tensor pixels_of(const ImageEntry& entry, const Shape& shape) {
  Tensor pixels = entry.load().pixels;
  if (pixels.shape() != shape)
    throw Error(entry.name + ": is " + describe(pixels.shape()) + " where the model needs " +
                describe(shape) + "; --size HxW resizes");
  return pixels;
}

}  // namespace

InvertImages load_invert_images(const cli::Tool& tool, const std::vector<std::string>& data,
                                ImageSetOptions reading, const Shape& shape,
                                std::optional<std::size_t> count) {
  if (!reading.channels && (shape[2] == 1 || shape[2] == 3)) reading.channels = shape[2];
  const ImageSet set = open_images(data, reading);
  InvertImages images;
  std::vector<Tensor> read;
  while (!count || read.size() < *count) {
    const auto entry = set.next();
    if (!entry) break;
    try {
      read.push_back(pixels_of(*entry, shape));
      images.names.push_back(printable(entry->name));
    } catch (const Error& e) {
      tool.complain(e.what());
      ++images.failures;
    }
  }
  if (read.empty()) throw Error("there is no image that the model could take");
  images.pixels = Tensor(Shape{read.size(), shape[0], shape[1], shape[2]});
  float* to = images.pixels.data();
  for (const Tensor& pixels : read) to = std::ranges::copy(pixels, to).out;
  return images;
}

}  // namespace diffusion
