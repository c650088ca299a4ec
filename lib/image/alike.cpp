#include "lib/image/alike.hpp"

#include <algorithm>
#include <charconv>

#include "lib/base/error.hpp"
#include "lib/image/orientation.hpp"
#include "lib/image/resize.hpp"
#include "lib/image/seen_images.hpp"

namespace diffusion {
namespace {

Tensor resized(const Tensor& image, std::size_t height, std::size_t width) {
  if (image.shape(0) == height && image.shape(1) == width) return image;
  return clamped_to_range(resize_clean(image, height, width));  // the kernel overshoots
}

Tensor centre_crop(const Tensor& image, std::size_t height, std::size_t width,
                   const std::string& name) {
  const std::size_t from_height = image.shape(0), from_width = image.shape(1);
  if (height > from_height || width > from_width)
    throw Error(name + ": " + std::to_string(from_height) + " x " + std::to_string(from_width) +
                " pixels are smaller than the crop of " + std::to_string(height) + " x " +
                std::to_string(width));
  const std::size_t channels = image.shape(2);
  const std::size_t top = (from_height - height) / 2, left = (from_width - width) / 2;
  Tensor out(Shape{height, width, channels});
  for (std::size_t y = 0; y < height; ++y)
    std::copy_n(image.data() + ((top + y) * from_width + left) * channels, width * channels,
                out.data() + y * width * channels);
  return out;
}

bool has_opacity(const Tensor& image) { return image.shape(2) % 2 == 0; }

bool is_opaque(const Tensor& image) {
  const std::size_t channels = image.shape(2);
  for (std::size_t at = channels - 1; at < image.size(); at += channels)
    if (image.data()[at] < 1) return false;
  return true;
}

Tensor without_opacity(const Tensor& image, const ImageSetOptions& options) {
  const auto& [ground, assumed] = *options.opacity;
  if (!ground) return with_channels(image, plain_channels(image.shape(2)));
  if (assumed && options.seen && !is_opaque(image)) options.seen->add_laid_on_white();
  return flattened(image, *ground);
}

}  // namespace

Tensor with_channels(const Tensor& image, std::size_t channels) {
  const std::size_t has = image.shape(2), colours = plain_channels(has);
  if (has == channels) return image;
  Tensor out(Shape{image.shape(0), image.shape(1), channels});
  for (std::size_t i = 0; i < out.size() / channels; ++i) {
    const float* const from = image.data() + i * has;
    float* const to = out.data() + i * channels;
    if (colours == channels)
      std::copy_n(from, channels, to);
    else if (channels == 1)
      to[0] = 0.299f * from[0] + 0.587f * from[1] + 0.114f * from[2];
    else
      std::fill_n(to, channels, from[0]);
  }
  return out;
}

Tensor clamped_to_range(Tensor image) {
  for (float& value : image) value = std::clamp(value, -1.f, 1.f);
  return image;
}

std::optional<Colour> parse_colour(const std::string& text) {
  if (text == "white") return Colour{1, 1, 1};
  if (text == "black") return Colour{-1, -1, -1};
  if (text == "gray") return Colour{0, 0, 0};
  if (text.size() != 7 || text[0] != '#') return std::nullopt;
  Colour colour{};
  for (std::size_t c = 0; c < 3; ++c) {
    unsigned value = 0;
    const char* const digits = text.data() + 1 + 2 * c;
    const auto [stop, failure] = std::from_chars(digits, digits + 2, value, 16);
    if (failure != std::errc{} || stop != digits + 2) return std::nullopt;
    colour[c] = float(value) / 127.5f - 1;
  }
  return colour;
}

std::optional<Opacity> parse_opacity(const std::string& text) {
  constexpr std::string_view flatten = "flatten=";
  if (text == "drop") return Opacity{};
  if (!text.starts_with(flatten)) return std::nullopt;
  const auto ground = parse_colour(text.substr(flatten.size()));
  return ground ? std::optional(Opacity{ground}) : std::nullopt;
}

Tensor flattened(const Tensor& image, const Colour& ground) {
  const std::size_t channels = image.shape(2);
  if (channels == 1 || channels == 3) return image;
  const bool neutral = ground[0] == ground[1] && ground[1] == ground[2];
  const std::size_t has = channels - 1, colours = neutral ? has : 3;
  Tensor out(Shape{image.shape(0), image.shape(1), colours});
  for (std::size_t i = 0; i < out.size() / colours; ++i) {
    const float* const from = image.data() + i * channels;
    const float opacity = std::clamp((from[has] + 1) / 2, 0.f, 1.f);
    for (std::size_t c = 0; c < colours; ++c) {
      const float colour = from[has == 1 ? 0 : c];
      out.data()[i * colours + c] =
          opacity == 1 ? colour : ground[c] + opacity * (colour - ground[c]);
    }
  }
  return out;
}

std::string picture_option(const ImageSetOptions& options) {
  if (options.size) return "`size`";
  if (options.crop) return "`crop`";
  if (options.channels) return options.channels == 1u ? "`gray`" : "`rgb`";
  if (options.orient) return "`orient`";
  if (options.sixteen) return "`16-bit`";
  if (options.range) return "`range`";
  return options.opacity && !options.opacity->assumed ? "`alpha`" : "";
}

void need_no_picture_options(const ImageSetOptions& options, const std::string& culprit,
                             const std::string& held) {
  if (const std::string asked = picture_option(options); !asked.empty())
    throw Error(culprit + ": holds " + held + ", to which " + asked + " means nothing");
}

Image made_alike(Image image, const ImageSetOptions& options, const std::string& name) {
  if (image.numbers) {
    need_no_picture_options(options, name, "numbers");
    return image;
  }
  if (options.orient)
    image.pixels = upright(image.pixels, image.orientation);
  else if (image.orientation != 1 && options.seen)
    options.seen->add_unturned(name);
  if (options.opacity && has_opacity(image.pixels))
    image.pixels = without_opacity(image.pixels, options);
  if (options.channels) image.pixels = with_channels(image.pixels, *options.channels);
  if (options.size) image.pixels = resized(image.pixels, options.size->first, options.size->second);
  if (options.crop)
    image.pixels = centre_crop(image.pixels, options.crop->first, options.crop->second, name);
  return image;
}

}  // namespace diffusion
