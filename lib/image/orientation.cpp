// CIPA DC-008, "Exchangeable image file format for digital still cameras: Exif", Sec. 4.6.5.
#include "lib/image/orientation.hpp"

#include <algorithm>

#include "lib/image/bytes.hpp"

namespace diffusion {
namespace {

/// The first directory of a TIFF file, as EXIF's data is too. BigTIFF's numbers have eight
/// bytes, of which the low four will do.
int of_tiff(std::string_view bytes) {
  const bool big_endian = bytes.starts_with("MM");
  const FileBytes file(bytes, big_endian ? ByteOrder::big : ByteOrder::little);
  const bool big = file.two(2) == 43;
  const std::size_t low = big && big_endian ? 4 : 0, entry = big ? 20 : 12, value = big ? 12 : 8;
  const std::size_t directory = file.four(big ? 8 + low : 4);
  const std::size_t count = big ? file.four(directory + low) : file.two(directory);
  constexpr std::size_t orientation = 274, short_integer = 3;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = directory + (big ? 8 : 2) + i * entry;
    if (file.two(at) == orientation && file.two(at + 2) == short_integer)
      return int(file.two(at + value));
  }
  return 1;
}

int of_exif(std::string_view data) {
  constexpr std::string_view mark("Exif\0\0", 6);
  if (data.starts_with(mark)) data.remove_prefix(mark.size());
  return of_tiff(data);
}

/// Segments up to the first scan.
int of_jpeg(std::string_view bytes) {
  const FileBytes file(bytes, ByteOrder::big);
  constexpr std::size_t app1 = 0xe1, start_of_scan = 0xda;
  for (std::size_t at = 2; file.byte(at) == 0xff;) {
    const std::size_t marker = file.byte(at + 1);
    if (marker == start_of_scan) break;
    if (marker == 0xff) {
      ++at;
      continue;
    }
    const std::size_t size = file.two(at + 2);
    const std::string_view data = file.part(at + 4, size - 2);
    if (marker == app1 && data.starts_with("Exif")) return of_exif(data);
    at += 2 + size;
  }
  return 1;
}

/// Of a file of chunks, which begin behind `front` bytes: PNG's have a check sum behind
/// them, WebP's are even.
int of_chunks(std::string_view bytes, bool png) {
  const FileBytes file(bytes, png ? ByteOrder::big : ByteOrder::little);
  for (std::size_t at = png ? 8 : 12; at + 8 <= bytes.size();) {
    const std::size_t size = file.four(png ? at : at + 4);
    if (file.part(png ? at + 4 : at, 4) == (png ? "eXIf" : "EXIF"))
      return of_exif(file.part(at + 8, size));
    at += png ? 12 + size : 8 + size + size % 2;
  }
  return 1;
}

int of_kind(FileKind kind, std::string_view bytes) {
  switch (kind) {
    case FileKind::jpeg:
      return of_jpeg(bytes);
    case FileKind::tiff:
      return of_tiff(bytes);
    case FileKind::png:
    case FileKind::webp:
      return of_chunks(bytes, kind == FileKind::png);
    default:
      return 1;
  }
}

}  // namespace

int orientation_of(FileKind kind, std::string_view bytes) {
  try {
    const int found = of_kind(kind, bytes);
    return found >= 1 && found <= 8 ? found : 1;
  } catch (const Error&) {
    return 1;  // what is said of a picture is cut off: it is not about its pixels
  }
}

Tensor upright(const Tensor& image, int orientation) {
  if (orientation == 1) return image;
  const std::size_t height = image.shape(0), width = image.shape(1), channels = image.shape(2);
  const bool transposed = orientation >= 5;
  // Which of the stored axes run backwards.
  const bool up = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool left = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  Tensor out(transposed ? Shape{width, height, channels} : Shape{height, width, channels});
  float* to = out.data();
  for (std::size_t y = 0; y < out.shape(0); ++y)
    for (std::size_t x = 0; x < out.shape(1); ++x) {
      const std::size_t row = transposed ? x : y, column = transposed ? y : x;
      const std::size_t from_row = up ? height - 1 - row : row;
      const std::size_t from_column = left ? width - 1 - column : column;
      to = std::copy_n(image.data() + (from_row * width + from_column) * channels, channels, to);
    }
  return out;
}

}  // namespace diffusion
