#include "lib/train/pixels.hpp"

#include "lib/image/alike.hpp"

namespace diffusion {

std::vector<float> plain_pixels(const Image& image, std::size_t channels) {
  const Tensor& pixels = image.pixels;
  const std::size_t from = pixels.shape(2), count = pixels.shape(0) * pixels.shape(1);
  const bool grey = plain_channels(from) == 1, bytes = image.depth == Depth::uint8;
  std::vector<float> out(count * channels);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t c = 0; c < channels; ++c) {
      const float value = pixels.data()[i * from + (grey ? 0 : c)];
      out[i * channels + c] = bytes ? pixel_values[to_byte(value)] : value;
    }
  return out;
}

std::size_t channels_trained_on(std::size_t channels, ArrayValues values) {
  return values == ArrayValues::pictures ? plain_channels(channels) : channels;
}

std::vector<float> pixels_trained_on(const Image& image, std::size_t channels, ArrayValues values) {
  if (values == ArrayValues::pictures) return plain_pixels(image, channels);
  return {image.pixels.begin(), image.pixels.end()};
}

}  // namespace diffusion
