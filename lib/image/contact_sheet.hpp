// Many pictures on one: the sheet of samples, the strip of noise levels.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "lib/image/image.hpp"

namespace diffusion {

struct SheetLayout {
  /// A scale: as many whole times larger as it takes to see small pictures (64 high, but
  /// none wider than 1024, nor all more than 32 million values).
  static constexpr std::size_t readable = 0;

  std::size_t columns = 0;  // 0: as square as can be
  std::size_t gap = 2;      // pixels between and around the pictures
  std::size_t scale = 1;    // each pixel becomes scale x scale
  // Words above the columns and before the rows, of as many lines as they have; a
  // list may be shorter than there are columns or rows, or empty.
  std::vector<std::string> column_labels = {}, row_labels = {};
};

/// Lays pictures out row by row on a white ground. Sizes may differ (each cell is
/// as large as the largest, and as wide as its column's label); grey turns RGB where
/// others are; values are clipped. Labels are black, as large as suits the pictures.
Image contact_sheet(std::span<const Image> pictures, const SheetLayout& layout = {});

/// The same, of pictures that are made when they are asked for, more than once.
struct PictureSource {
  std::size_t count;
  std::function<Image(std::size_t)> picture;
};
Image contact_sheet(const PictureSource& pictures, const SheetLayout& layout = {});

}  // namespace diffusion
