// The format: Microsoft, "Bitmap Storage" (BITMAPINFOHEADER, BITMAPV5HEADER), and IBM's
// OS/2 2.0 Presentation Manager bitmaps.
#include "lib/image/bmp_header.hpp"

#include <algorithm>
#include <bit>
#include <initializer_list>
#include <string>

namespace diffusion {
namespace {

constexpr std::size_t file_header = 14, os2_header = 12, os2_long_header = 64, info_header = 40;

void read_extents(const FileBytes& file, BmpHeader& bmp) {
  if (bmp.header == os2_header) {
    bmp.width = file.two(file_header + 4);
    bmp.height = file.two(file_header + 6);
    bmp.bits = file.two(file_header + 10);
    return;
  }
  const auto width = std::int32_t(file.four(file_header + 4));
  const auto height = std::int32_t(file.four(file_header + 8));
  bmp.width = std::size_t(std::max(width, 0));
  bmp.height = std::size_t(std::abs(std::int64_t(height)));
  bmp.top_down = height < 0;
  bmp.bits = file.two(file_header + 14);
  bmp.compression = BmpCompression(file.four(file_header + 16));
}

/// Those of 16 bits without masks are five bits each, those of 32 a byte each.
void read_masks(const FileBytes& file, BmpHeader& bmp) {
  const bool given = bmp.compression == BmpCompression::masks ||
                     bmp.compression == BmpCompression::masks_with_alpha;
  if (!given) {
    bmp.masks = bmp.bits == 16 ? std::array<std::uint32_t, 4>{0x7c00, 0x3e0, 0x1f, 0}
                               : std::array<std::uint32_t, 4>{0xff0000, 0xff00, 0xff, 0};
    return;
  }
  const bool has_alpha =
      bmp.header >= info_header + 16 || bmp.compression == BmpCompression::masks_with_alpha;
  for (std::size_t c = 0; c < (has_alpha ? 4 : 3); ++c) {
    const std::uint32_t mask = file.four(file_header + info_header + 4 * c);
    const std::uint32_t ones = mask == 0 ? 0 : mask >> std::countr_zero(mask);
    if ((ones & (ones + 1)) != 0) throw Error("damaged: a channel mask with gaps");
    bmp.masks[c] = mask;
  }
}

/// As many colours as the header says, or as fit before the pixels.
void read_palette(const FileBytes& file, BmpHeader& bmp) {
  if (bmp.bits > 8) return;
  const std::size_t colour = bmp.header == os2_header ? 3 : 4, all = std::size_t(1) << bmp.bits;
  const std::size_t at = file_header + bmp.header;
  const std::size_t used = bmp.header >= info_header ? file.four(file_header + 32) : 0;
  const std::size_t room = bmp.pixels > at ? (bmp.pixels - at) / colour : 0;
  const std::size_t count = std::min({all, used > 0 ? used : all, room});
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view bgr = file.part(at + i * colour, 3);
    bmp.palette.push_back({std::uint8_t(bgr[2]), std::uint8_t(bgr[1]), std::uint8_t(bgr[0])});
  }
  if (bmp.palette.empty()) throw Error("damaged: a palette without colours");
}

bool is_one_of(std::size_t value, std::initializer_list<std::size_t> all) {
  return std::ranges::find(all, value) != all.end();
}

/// Why a bitmap can't be read, or "".
std::string objection(const BmpHeader& bmp) {
  const std::string what = "a BMP picture ";
  const bool os2 = bmp.header == os2_long_header;
  switch (bmp.compression) {
    case BmpCompression::none:
      if (!is_one_of(bmp.bits, {1, 2, 4, 8, 16, 24, 32}))
        return what + "of " + std::to_string(bmp.bits) + " bits a pixel";
      return "";
    case BmpCompression::runs_of_8:
    case BmpCompression::runs_of_4:
      if (bmp.bits != (bmp.compression == BmpCompression::runs_of_8 ? 8 : 4))
        return "damaged: run lengths of " + std::to_string(bmp.bits) + " bits";
      return bmp.top_down ? "damaged: run lengths from the top" : "";
    case BmpCompression::masks:
    case BmpCompression::masks_with_alpha:
      if (os2) return what + "compressed as OS/2 has it";
      if (bmp.bits != 16 && bmp.bits != 32)
        return "damaged: channel masks for " + std::to_string(bmp.bits) + " bits";
      return "";
    case BmpCompression::jpeg:
      return what + (os2 ? "compressed as OS/2 has it" : "compressed as JPEG");
    case BmpCompression::png:
      return what + "compressed as PNG";
  }
  return what + "of an unknown compression";
}

}  // namespace

BmpHeader read_bmp_header(const FileBytes& file) {
  BmpHeader bmp;
  bmp.pixels = file.four(10);
  bmp.header = file.four(file_header);
  if (bmp.header != os2_header && (bmp.header < info_header || bmp.header > 256))
    throw Error("damaged: a header of " + std::to_string(bmp.header) + " bytes");
  read_extents(file, bmp);
  if (const std::string why = objection(bmp); !why.empty()) throw Error(why);
  read_masks(file, bmp);
  read_palette(file, bmp);
  return bmp;
}

}  // namespace diffusion
