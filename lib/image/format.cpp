#include "lib/image/format.hpp"

#include <algorithm>
#include <vector>

#include "lib/base/deflate.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

constexpr PictureFormat formats[] = {
    {FileKind::png, "png", "PNG", ".png", true, Depth::uint8, Depth::uint16},
    {FileKind::jpeg, "jpeg", "JPEG", ".jpg .jpeg .jpe", true, Depth::uint8, Depth::uint8, 3},
    {FileKind::tiff, "tiff", "TIFF", ".tif .tiff", true, Depth::uint8, Depth::float32},
    {FileKind::openexr, "openexr", "OpenEXR", ".exr", true, Depth::float32, Depth::float32},
    {FileKind::bmp, "bmp", "BMP", ".bmp", false, Depth::uint8, Depth::uint8},
    {FileKind::gif, "gif", "GIF", ".gif", false, Depth::uint8, Depth::uint8},
    {FileKind::webp, "webp", "WebP", ".webp", false, Depth::uint8, Depth::uint8},
    {FileKind::pnm, "pnm", "PNM", ".ppm .pgm .pnm .pbm .pfm", false, Depth::uint8, Depth::uint16},
    {FileKind::hdr, "hdr", "Radiance", ".hdr", false, Depth::float32, Depth::float32},
};

template <class Predicate>
std::string labels(Predicate wanted) {
  std::vector<std::string> all;
  for (const auto& format : formats)
    if (wanted(format)) all.push_back(format.label);
  return join(all, ", ");
}

std::size_t big_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | std::uint8_t(bytes[at + i]);
  return value;
}

constexpr const char* truncated = "truncated: the file ends before the picture does";

/// Walks the chunks up to the end chunk. Each is length, type, data, check sum.
std::string why_png_damaged(std::string_view bytes) {
  constexpr std::size_t signature = 8, around = 12;
  for (std::size_t at = signature; at + around <= bytes.size();) {
    const std::size_t length = big_endian(bytes, at, 4);
    if (length > bytes.size() - at - around) break;
    const std::string_view type = bytes.substr(at + 4, 4);
    if (crc32(bytes.substr(at + 4, 4 + length)) != big_endian(bytes, at + 8 + length, 4))
      return "damaged: a check sum differs";
    if (type == "IEND") return "";
    at += around + length;
  }
  return truncated;
}

/// Walks the segments to the first scan, then looks for the end marker: in
/// entropy-coded data 0xFF stands for itself only before 0x00.
std::string why_jpeg_damaged(std::string_view bytes) {
  constexpr int start_of_scan = 0xda;
  for (std::size_t at = 2; at + 4 <= bytes.size();) {
    if (std::uint8_t(bytes[at]) != 0xff) return "";  // the decoder will say how
    const int marker = std::uint8_t(bytes[at + 1]);
    if (marker == 0xff) {
      ++at;
      continue;
    }
    at += 2 + big_endian(bytes, at + 2, 2);
    if (marker == start_of_scan && at <= bytes.size())
      return bytes.find("\xff\xd9", at) == bytes.npos ? truncated : "";
  }
  return truncated;
}

}  // namespace

const PictureFormat* format_of_kind(FileKind kind) {
  const auto row = std::ranges::find(formats, kind, &PictureFormat::kind);
  return row == std::end(formats) ? nullptr : row;
}

const PictureFormat* format_of_name(const std::string& path) {
  const std::string extension = extension_of(path);
  for (const auto& format : formats)
    for (const auto& candidate : split(format.extensions, ' '))
      if (candidate == extension) return &format;
  return nullptr;
}

std::string readable_formats() {
  return labels([](const PictureFormat&) { return true; });
}
std::string writable_formats() {
  return labels([](const PictureFormat& format) { return format.writable; });
}

std::string why_damaged(const PictureFormat& format, std::string_view bytes) {
  const std::string_view name = format.name;
  return name == "png" ? why_png_damaged(bytes) : name == "jpeg" ? why_jpeg_damaged(bytes) : "";
}

}  // namespace diffusion
