// The door of libwebp, in the image module: it keeps colours as the file has them.
#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <memory>

#include "lib/base/error.hpp"
#include "lib/image/image_module.hpp"

namespace diffusion {
namespace {

const char* reason(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return "truncated: the file ends before the picture does";
    case VP8_STATUS_OUT_OF_MEMORY:
      return "there is not enough memory for it";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return "it has a feature that libwebp does not know";
    default:
      return "damaged: libwebp can't decode it";
  }
}

void read_still(std::string_view bytes, const WebPBitstreamFeatures& features, std::uint8_t* out) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) throw Error("libwebp is of another version");
  const std::size_t row = std::size_t(features.width) * (features.has_alpha ? 4 : 3);
  config.output.colorspace = features.has_alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {out, int(row), row * std::size_t(features.height)};
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const VP8StatusCode status = WebPDecode(data, bytes.size(), &config);
  if (status != VP8_STATUS_OK) throw Error(reason(status));
}

/// The first frame, on the animation's canvas.
void read_animated(std::string_view bytes, const WebPBitstreamFeatures& features,
                   std::uint8_t* out) {
  const WebPData data{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
  const std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(
      WebPAnimDecoderNew(&data, nullptr), WebPAnimDecoderDelete);
  std::uint8_t* canvas = nullptr;
  int time = 0;
  if (!decoder || !WebPAnimDecoderGetNext(decoder.get(), &canvas, &time))
    throw Error("damaged: libwebp can't decode its first frame");
  const std::size_t channels = features.has_alpha ? 4 : 3;
  const std::size_t pixels = std::size_t(features.width) * std::size_t(features.height);
  for (std::size_t i = 0; i < pixels; ++i) out = std::copy_n(canvas + 4 * i, channels, out);
}

}  // namespace

void read_webp_by_libwebp(std::string_view bytes, const PlacePicture& place) {
  WebPBitstreamFeatures features;
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const VP8StatusCode status = WebPGetFeatures(data, bytes.size(), &features);
  if (status != VP8_STATUS_OK) throw Error(reason(status));
  auto* const out =
      static_cast<std::uint8_t*>(place({std::size_t(features.height), std::size_t(features.width),
                                        std::size_t(features.has_alpha ? 4 : 3), Depth::uint8}));
  if (features.has_animation)
    read_animated(bytes, features, out);
  else
    read_still(bytes, features, out);
}

}  // namespace diffusion
