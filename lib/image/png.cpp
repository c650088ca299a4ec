#include "lib/image/png.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <vector>

#include "lib/base/deflate.hpp"

namespace diffusion {
namespace {

using Bytes = std::vector<std::uint8_t>;

void put32(std::string& out, std::size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += char(value >> shift & 0xff);
}

/// Length, type, data, check sum of type and data (Sec. 5.3).
void put_chunk(std::string& out, const std::string& type, const std::string& data) {
  put32(out, data.size());
  out += type;
  out += data;
  put32(out, crc32(data, crc32(type)));
}

std::string header(const PngLayout& layout, int bits) {
  constexpr std::array<char, 5> colour_types{0, 0, 4, 2, 6};  // by channels; Table 11.1
  std::string data;
  put32(data, layout.width);
  put32(data, layout.height);
  data += char(bits);
  data += colour_types[layout.channels];
  return data + std::string(3, '\0');  // deflate, the five filters, not interlaced
}

/// A row and what lies before it, each behind as many zeros as a pixel has bytes.
struct Rows {
  const std::uint8_t *row, *above;
  std::size_t pixel, bytes;
};

/// The row as differences from an estimate by its neighbours.
template <class Estimate>
void subtract(const Rows& rows, Estimate estimate, std::uint8_t* out) {
  for (std::size_t i = rows.pixel; i < rows.pixel + rows.bytes; ++i)
    *out++ = std::uint8_t(rows.row[i] - estimate(rows.row[i - rows.pixel], rows.above[i],
                                                 rows.above[i - rows.pixel]));
}

/// Sec. 9.2: none, sub, up, average, Paeth.
void apply_filter(int filter, const Rows& rows, std::uint8_t* out) {
  switch (filter) {
    case 0:
      return subtract(
          rows, [](int, int, int) { return 0; }, out);
    case 1:
      return subtract(
          rows, [](int left, int, int) { return left; }, out);
    case 2:
      return subtract(
          rows, [](int, int up, int) { return up; }, out);
    case 3:
      return subtract(
          rows, [](int left, int up, int) { return (left + up) / 2; }, out);
    default:
      return subtract(rows, paeth, out);
  }
}

/// The sum of a filtered row's bytes as signed numbers: what is small packs well (Sec. 12.8).
std::size_t cost(const Bytes& filtered) {
  std::size_t sum = 0;
  for (const std::uint8_t byte : filtered) sum += std::size_t(std::abs(int(std::int8_t(byte))));
  return sum;
}

/// All rows, each behind the number of its filter.
std::string filtered(std::span<const std::uint8_t> samples, std::size_t row_bytes,
                     std::size_t pixel, PngEffort effort) {
  std::string out;
  out.reserve(samples.size() + samples.size() / row_bytes);
  Bytes row(pixel + row_bytes), above(pixel + row_bytes), best(row_bytes), tried(row_bytes);
  const int filters = effort == PngEffort::quick ? 1 : 5;
  for (std::size_t at = 0; at < samples.size(); at += row_bytes) {
    std::copy_n(samples.data() + at, row_bytes, row.data() + pixel);
    std::size_t least = SIZE_MAX;
    int chosen = 0;
    for (int filter = 0; filter < filters; ++filter) {
      apply_filter(filter, {row.data(), above.data(), pixel, row_bytes}, tried.data());
      if (const std::size_t sum = cost(tried); sum < least) {
        least = sum;
        chosen = filter;
        best.swap(tried);
      }
    }
    out += char(chosen);
    out.append(best.begin(), best.end());
    row.swap(above);
  }
  return out;
}

/// Samples as bytes of the file, the high one first.
std::string encode(const PngLayout& layout, std::span<const std::uint8_t> samples, int bits,
                   PngEffort effort) {
  const std::size_t pixel = layout.channels * std::size_t(bits / 8);
  assert(samples.size() == layout.height * layout.width * pixel && !samples.empty());
  const auto packing = effort == PngEffort::quick ? Packing::huffman : Packing::filtered;
  std::string out = "\x89PNG\r\n\x1a\n";
  put_chunk(out, "IHDR", header(layout, bits));
  // A chunk's length has 31 bits.
  const std::string packed =
      deflate_zlib(filtered(samples, layout.width * pixel, pixel, effort), packing);
  constexpr std::size_t most = std::size_t(1) << 30;
  for (std::size_t at = 0; at < packed.size(); at += most)
    put_chunk(out, "IDAT", packed.substr(at, most));
  put_chunk(out, "IEND", "");
  return out;
}

}  // namespace

std::string png_bytes(const PngLayout& layout, std::span<const std::uint8_t> samples,
                      PngEffort effort) {
  return encode(layout, samples, 8, effort);
}

std::string png_bytes(const PngLayout& layout, std::span<const std::uint16_t> samples,
                      PngEffort effort) {
  Bytes bytes(2 * samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    bytes[2 * i] = std::uint8_t(samples[i] >> 8);
    bytes[2 * i + 1] = std::uint8_t(samples[i] & 0xff);
  }
  return encode(layout, bytes, 16, effort);
}

}  // namespace diffusion
