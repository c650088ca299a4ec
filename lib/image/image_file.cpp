#include "lib/image/image_file.hpp"

#include <algorithm>
#include <variant>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/module.hpp"
#include "lib/base/text.hpp"
#include "lib/image/apart.hpp"
#include "lib/image/format.hpp"
#include "lib/image/hdr.hpp"
#include "lib/image/image_module.hpp"
#include "lib/image/orientation.hpp"
#include "lib/image/pixels.hpp"
#include "lib/image/png.hpp"

namespace diffusion {

const ImageModule& image_module() {
  static const ImageModule& loaded =
      *reinterpret_cast<decltype(&diffusion_image_module)>(module_symbol(
          "diffusion-image-module.so", image_module_symbol, "reads and writes pictures"))();
  return loaded;
}

namespace {

/// Memory for the samples of a picture whose depth is known once it is opened.
class Samples {
 public:
  void* place(const PictureLayout& layout) {
    layout_ = layout;
    switch (layout.depth) {
      case Depth::uint8:
        return fresh<std::uint8_t>();
      case Depth::uint16:
        return fresh<std::uint16_t>();
      case Depth::float32:
        return fresh<float>();
    }
    __builtin_unreachable();
  }

  /// What OpenImageIO read.
  void become_8_bits() {
    const auto* const wide = std::get_if<std::vector<std::uint16_t>>(&samples_);
    if (!wide) return;
    std::vector<std::uint8_t> narrow(wide->size());
    const auto as_pillow = [grey = layout_.channels == 1](std::uint16_t value) {
      return std::uint8_t(grey ? std::min<std::uint16_t>(value, 255) : value >> 8);
    };
    std::ranges::transform(*wide, narrow.begin(), as_pillow);
    samples_ = std::move(narrow);
    layout_.depth = Depth::uint8;
  }

  Image to_image() const {
    Image image{Tensor(Shape{layout_.height, layout_.width, layout_.channels}), layout_.depth};
    std::visit([&](const auto& samples) { to_values(std::span(samples), image.pixels.data()); },
               samples_);
    return image;
  }

 private:
  template <class Sample>
  void* fresh() {
    return samples_.emplace<std::vector<Sample>>(layout_.height * layout_.width * layout_.channels)
        .data();
  }

  PictureLayout layout_;
  std::variant<std::vector<std::uint8_t>, std::vector<std::uint16_t>, std::vector<float>> samples_;
};

template <class Sample>
std::vector<Sample> samples_of(std::span<const float> values) {
  std::vector<Sample> samples(values.size());
  to_samples(values, samples.data());
  return samples;
}

template <class Sample>
std::string encode_as(const char* format, const PictureLayout& layout,
                      std::span<const float> values) {
  const auto samples = samples_of<Sample>(values);
  std::string bytes;
  const std::string why = image_module().encode(format, layout, samples.data(), bytes);
  if (!why.empty()) throw Error("cannot be encoded (" + why + ")");
  return bytes;
}

std::string encode_png(const PictureLayout& layout, std::span<const float> values,
                       PngEffort effort) {
  const PngLayout png{layout.height, layout.width, layout.channels};
  if (layout.depth == Depth::uint8) return png_bytes(png, samples_of<std::uint8_t>(values), effort);
  return png_bytes(png, samples_of<std::uint16_t>(values), effort);
}

/// The first `keep` channels.
Tensor leading_channels(const Tensor& pixels, std::size_t keep) {
  const std::size_t channels = pixels.shape(2);
  Tensor out(Shape{pixels.shape(0), pixels.shape(1), keep});
  for (std::size_t i = 0; i < out.size() / keep; ++i)
    std::copy_n(pixels.data() + i * channels, keep, out.data() + i * keep);
  return out;
}

const PictureFormat& format_of(std::string_view bytes, const std::string& name) {
  if (bytes.empty()) throw Error("the file is empty");
  const FileKind kind = file_kind(bytes);
  if (const PictureFormat* format = format_of_kind(kind)) return *format;
  const PictureFormat* named = format_of_name(name);
  if (kind == FileKind::unknown && named && named->kind == FileKind::tga) return *named;
  throw Error("its first bytes are of no known format: " + readable_formats());
}

void decode_with(const PictureFormat& format, std::string_view bytes, const PlacePicture& place) {
  if (format.reader) return format.reader(bytes, place);  // for which no module need be loaded
  const auto decode = format.apart ? decode_apart : image_module().decode;
  if (!decode(format.name, bytes, place))
    throw Error("it is " + std::string(name_of(format.kind)) +
                ", which the OpenImageIO that is installed does not read");
}

/// Whether an image has alpha where the format has none.
bool has_too_much(const Tensor& pixels, const PictureFormat& format) {
  const std::size_t channels = pixels.shape(2);
  return (channels == 2 || channels == 4) && format.channels < 4;
}

}  // namespace

Image decode_image(std::string_view bytes, const std::string& culprit, SixteenBits sixteen) {
  try {
    const PictureFormat& format = format_of(bytes, culprit);
    check_readable(format, bytes);
    const int lines = format.kind == FileKind::hdr ? orientation_of_hdr(bytes) : 1;
    Samples samples;
    const auto memory = [&](const PictureLayout& layout) {
      check_layout(layout);
      return samples.place(layout);
    };
    decode_with(format, bytes, {memory, sixteen});
    if (sixteen == SixteenBits::pillow) samples.become_8_bits();
    Image image = samples.to_image();
    if (lines != 1) image.pixels = upright(image.pixels, lines);
    image.orientation = orientation_of(format.kind, bytes);
    return image;
  } catch (const Error& e) {
    throw Error(culprit + ": not an image that can be read (" + printable(e.what()) + ")");
  }
}

Image read_image(const std::string& path) {
  return decode_image(read_file(path, picture_limit), path);
}

std::string encode_image(const std::string& path, const Image& image,
                         const ImageWriteOptions& options) {
  const PictureFormat* format = format_of_name(path);
  if (!format || !format->writable())
    throw Error(path + ": no picture format that can be written by its name (has: " +
                writable_formats() + ")");
  const Tensor& pixels = image.pixels;
  if (has_too_much(pixels, *format))
    return encode_image(path, {leading_channels(pixels, pixels.shape(2) - 1), image.depth},
                        options);
  const PictureLayout layout{pixels.shape(0), pixels.shape(1), pixels.shape(2),
                             std::clamp(image.depth, format->shallowest, format->deepest)};
  const std::span<const float> values(pixels.data(), pixels.size());
  if (std::string_view(format->name) == "png") return encode_png(layout, values, options.png);
  try {
    if (layout.depth == Depth::uint8) return encode_as<std::uint8_t>(format->name, layout, values);
    if (layout.depth == Depth::uint16)
      return encode_as<std::uint16_t>(format->name, layout, values);
    return encode_as<float>(format->name, layout, values);
  } catch (const Error& e) {
    throw Error(path + ": " + e.what());
  }
}

void write_image(const std::string& path, const Image& image, const ImageWriteOptions& options) {
  write_file(path, encode_image(path, image, options));
}

bool is_image_name(const std::string& path) { return format_of_name(path) != nullptr; }

bool is_writable_image_name(const std::string& path) {
  const PictureFormat* format = format_of_name(path);
  return format && format->writable();
}

}  // namespace diffusion
