// Writes PNG pictures. The format: ISO/IEC 15948:2004, "Portable Network Graphics". We have
// our own writer because a library that reads all formats takes longer to load than many
// pictures take to draw.
#pragma once
#include <cstdint>
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

}  // namespace diffusion
