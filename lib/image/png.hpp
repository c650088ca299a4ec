// Writes PNG pictures. The format: ISO/IEC 15948:2004, "Portable Network Graphics". We have
// our own writer because a library that reads all formats takes longer to load than many
// pictures take to draw.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

namespace diffusion {

struct PngLayout {
  std::size_t height, width;
  std::size_t channels;  // 1 (grey), 2 (grey, alpha), 3 (RGB), 4 (RGBA)
};

/// How much work goes into making a file small.
enum class PngEffort {
  usual,  // filters, each row's chosen for it, and zlib's level 6
  quick,  // no filters, no search for what repeats: as good for noise
};

/// The file. Samples are height x width x channels.
std::string png_bytes(const PngLayout& layout, std::span<const std::uint8_t> samples,
                      PngEffort effort);
std::string png_bytes(const PngLayout& layout, std::span<const std::uint16_t> samples,
                      PngEffort effort);

/// The neighbour nearest to left + up - corner (Sec. 9.4): an estimate of the byte between them.
inline std::uint8_t paeth(int left, int up, int corner) {
  const int estimate = left + up - corner;
  const int to_left = std::abs(estimate - left), to_up = std::abs(estimate - up);
  const int to_corner = std::abs(estimate - corner);
  if (to_left <= to_up && to_left <= to_corner) return std::uint8_t(left);
  return std::uint8_t(to_up <= to_corner ? up : corner);
}

}  // namespace diffusion
