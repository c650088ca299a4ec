#include "lib/image/format.hpp"

#include <algorithm>
#include <vector>

#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/image/bmp.hpp"
#include "lib/image/bytes.hpp"
#include "lib/image/gif.hpp"
#include "lib/image/image_module.hpp"
#include "lib/image/png_reader.hpp"
#include "lib/image/pnm.hpp"
#include "lib/image/tga.hpp"

namespace diffusion {
namespace {

void read_tiff(std::string_view bytes, const PlacePicture& place) {
  image_module().read_tiff(bytes, place);
}
void read_webp(std::string_view bytes, const PlacePicture& place) {
  image_module().read_webp(bytes, place);
}

// Each format is read by what has all its kinds right (tests/data/pictures has one of each).
// OpenImageIO 2.4 and 2.5 write past their memory for tiled CMYK (TIFF), multiply opacity
// into colours (WebP), take an unused byte for opacity and know no run lengths of grey (BMP),
// forget the colours of what is transparent (GIF), and miss the last bit of 16 (PNM); libpng's
// messages go to standard error past OpenImageIO.
using enum PictureFormat::Support;
constexpr PictureReader by_openimageio = nullptr;
constexpr PictureFormat formats[] = {
    {FileKind::png, "png", "PNG", ".png .apng", read_png, written, Depth::uint8, Depth::uint16},
    {FileKind::jpeg, "jpeg", "JPEG", ".jpg .jpeg .jpe .jfif .jif .pjpeg .pjp .jpg_large",
     by_openimageio, written, Depth::uint8, Depth::uint8, 3},
    {FileKind::tiff, "tiff", "TIFF", ".tif .tiff", read_tiff, written, Depth::uint8,
     Depth::float32},
    {FileKind::openexr, "openexr", "OpenEXR", ".exr", by_openimageio, written, Depth::float32,
     Depth::float32},
    {FileKind::bmp, "bmp", "BMP", ".bmp .dib", read_bmp, read, Depth::uint8, Depth::uint8},
    {FileKind::gif, "gif", "GIF", ".gif", read_gif, read, Depth::uint8, Depth::uint8},
    {FileKind::webp, "webp", "WebP", ".webp", read_webp, read, Depth::uint8, Depth::uint8},
    {FileKind::pnm, "pnm", "PNM", ".ppm .pgm .pnm .pbm .pfm", read_pnm, read, Depth::uint8,
     Depth::uint16},
    {FileKind::hdr, "hdr", "Radiance", ".hdr", by_openimageio, read, Depth::float32,
     Depth::float32},
    {FileKind::tga, "targa", "TGA", ".tga .icb .vda .vst", by_openimageio, read_where_installed,
     Depth::uint8, Depth::uint8},
    {FileKind::jpeg2000, "jpeg2000", "JPEG 2000", ".jp2 .j2k .j2c .jpx .jpf", by_openimageio,
     read_where_installed, Depth::uint8, Depth::uint16},
    {FileKind::avif, "heif", "AVIF", ".avif", by_openimageio, read_where_installed, Depth::uint8,
     Depth::uint8, 4, true},
    {FileKind::heic, "heif", "HEIC", ".heic .heif .hif", by_openimageio, read_where_installed,
     Depth::uint8, Depth::uint8, 4, true},
    {FileKind::jpeg_xl, "jpegxl", "JPEG XL", ".jxl", by_openimageio, read_where_installed,
     Depth::uint8, Depth::float32},
    {FileKind::pcx, "pcx", "PCX", ".pcx", by_openimageio, read_where_installed, Depth::uint8,
     Depth::uint8},
};

template <class Predicate>
std::string labels(Predicate wanted) {
  std::vector<std::string> all;
  for (const auto& format : formats)
    if (wanted(format)) all.push_back(format.label);
  return join(all, ", ");
}

/// Walks the segments to the first scan, then looks for the end marker: in
/// entropy-coded data 0xFF stands for itself only before 0x00.
void check_jpeg(std::string_view bytes) {
  constexpr int start_of_scan = 0xda;
  const FileBytes file(bytes, ByteOrder::big);
  for (std::size_t at = 2; at + 4 <= bytes.size();) {
    if (file.byte(at) != 0xff) return;  // the decoder will say how
    const int marker = file.byte(at + 1);
    if (marker == 0xff) {
      ++at;
      continue;
    }
    at += 2 + file.two(at + 2);
    if (marker != start_of_scan || at > bytes.size()) continue;
    if (bytes.find("\xff\xd9", at) != bytes.npos) return;
    break;
  }
  throw Error(truncated_picture);
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
  return labels([](const PictureFormat& format) { return format.support != read_where_installed; });
}
std::string writable_formats() {
  return labels([](const PictureFormat& format) { return format.writable(); });
}

void check_readable(const PictureFormat& format, std::string_view bytes) {
  if (format.kind == FileKind::tga) check_tga(bytes);
  if (format.kind == FileKind::jpeg) check_jpeg(bytes);
}

}  // namespace diffusion
