#include "lib/image/contact_sheet.hpp"

#include <algorithm>
#include <cmath>

#include "lib/image/alike.hpp"
#include "lib/image/bitmap_font.hpp"

namespace diffusion {
namespace {

constexpr float white = 1;
constexpr std::size_t readable = 64;                         // pixels a picture should be high
constexpr std::size_t widest = 1024;                         // ... and is not to be enlarged beyond
constexpr std::size_t most_enlarged = std::size_t(1) << 25;  // values of a whole sheet
constexpr std::size_t room_a_line = 96;  // ... for one more step of the letters' size

/// What a sheet of these pictures is made of; extents in pixels of the sheet.
struct SheetGrid {
  std::size_t rows, columns, channels, gap, scale;
  std::size_t picture_height = 1, picture_width = 1;  // the largest, before scaling
  std::size_t cell_height = 0, cell_width = 0;
  std::size_t text_scale = 1, above = 0, before = 0;  // room for labels, their gap included

  std::size_t top(std::size_t row) const { return gap + above + row * (cell_height + gap); }
  std::size_t left(std::size_t column) const { return gap + before + column * (cell_width + gap); }
};

TextExtent largest(std::span<const std::string> labels, std::size_t scale) {
  TextExtent all{0, 0};
  for (const auto& label : labels) {
    const TextExtent one = text_extent(label, scale);
    all = {std::max(all.height, one.height), std::max(all.width, one.width)};
  }
  return all;
}

/// Letters in proportion to the pictures, as long as the columns hold them; columns
/// grow only where the smallest letters need it.
void make_room_for_labels(SheetGrid& grid, const SheetLayout& layout) {
  const std::size_t wanted = std::max<std::size_t>(1, grid.cell_height / room_a_line);
  const std::size_t narrowest = largest(layout.column_labels, 1).width;
  const std::size_t fitting = narrowest == 0 ? wanted : grid.cell_width / narrowest;
  grid.text_scale = std::clamp<std::size_t>(fitting, 1, wanted);
  const TextExtent columns = largest(layout.column_labels, grid.text_scale);
  const TextExtent rows = largest(layout.row_labels, grid.text_scale);
  const std::size_t space = grid.gap + 2 * grid.text_scale;
  if (columns.height > 0) grid.above = columns.height + space;
  if (rows.width > 0) grid.before = rows.width + space;
  grid.cell_width = std::max(grid.cell_width, columns.width);
  grid.cell_height = std::max(grid.cell_height, rows.height);
}

/// Calls what it is given with the number and the pixels of each picture.
using EachPicture = std::function<void(const std::function<void(std::size_t, const Tensor&)>&)>;

SheetGrid grid_for(std::size_t count, const EachPicture& each, const SheetLayout& layout) {
  const std::size_t square = std::size_t(std::ceil(std::sqrt(double(count))));
  SheetGrid grid{.rows = 0,
                 .columns = std::max<std::size_t>(1, layout.columns == 0 ? square : layout.columns),
                 .channels = 1,
                 .gap = layout.gap,
                 .scale = layout.scale};
  grid.rows = (count + grid.columns - 1) / grid.columns;
  each([&](std::size_t, const Tensor& pixels) {
    grid.picture_height = std::max(grid.picture_height, pixels.shape(0));
    grid.picture_width = std::max(grid.picture_width, pixels.shape(1));
    if (pixels.shape(2) > 2) grid.channels = 3;
  });
  if (grid.scale == 0)
    grid.scale = std::clamp<std::size_t>(
        widest / grid.picture_width, 1, (readable + grid.picture_height - 1) / grid.picture_height);
  const auto sheet_values = [&] {
    return count * grid.picture_height * grid.picture_width * grid.channels * grid.scale *
           grid.scale;
  };
  while (layout.scale == 0 && grid.scale > 1 && sheet_values() > most_enlarged) --grid.scale;
  grid.cell_height = grid.picture_height * grid.scale;
  grid.cell_width = grid.picture_width * grid.scale;
  make_room_for_labels(grid, layout);
  return grid;
}

/// As a picture file would hold it, on white where it has opacity.
Tensor as_seen(const Tensor& pixels) {
  return flattened(clamped_to_range(pixels), {white, white, white});
}

/// Draws a picture in the middle of its cell, each pixel scale x scale large.
void draw(const Tensor& picture, const SheetGrid& grid, std::size_t cell, Tensor& sheet) {
  const std::size_t height = picture.shape(0) * grid.scale, width = picture.shape(1) * grid.scale;
  const std::size_t top = grid.top(cell / grid.columns) + (grid.cell_height - height) / 2;
  const std::size_t left = grid.left(cell % grid.columns) + (grid.cell_width - width) / 2;
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t c = 0; c < grid.channels; ++c)
        sheet(top + y, left + x, c) = picture(y / grid.scale, x / grid.scale, c);
}

void draw_labels(const SheetGrid& grid, const SheetLayout& layout, Tensor& sheet) {
  const auto draw_one = [&](const std::string& text, std::size_t top, std::size_t left) {
    draw_text(sheet, text, {.top = top, .left = left, .scale = grid.text_scale});
  };
  const std::size_t columns = std::min(grid.columns, layout.column_labels.size());
  for (std::size_t i = 0; i < columns; ++i) {
    const std::string& text = layout.column_labels[i];
    const std::size_t width = text_extent(text, grid.text_scale).width;
    draw_one(text, grid.gap, grid.left(i) + (grid.cell_width - width) / 2);
  }
  const std::size_t rows = std::min(grid.rows, layout.row_labels.size());
  for (std::size_t i = 0; i < rows; ++i) {
    const std::string& text = layout.row_labels[i];
    const std::size_t height = text_extent(text, grid.text_scale).height;
    draw_one(text, grid.top(i) + (grid.cell_height - height) / 2, grid.gap);
  }
}

Image sheet_of(std::size_t count, const EachPicture& each, const SheetLayout& layout) {
  const SheetGrid grid = grid_for(count, each, layout);
  Image sheet{Tensor(Shape{grid.top(grid.rows), grid.left(grid.columns), grid.channels}, white),
              Depth::uint8};
  each([&](std::size_t i, const Tensor& pixels) {
    draw(with_channels(as_seen(pixels), grid.channels), grid, i, sheet.pixels);
  });
  draw_labels(grid, layout, sheet.pixels);
  return sheet;
}

}  // namespace

Image contact_sheet(std::span<const Image> pictures, const SheetLayout& layout) {
  const EachPicture each = [&](const auto& look) {
    for (std::size_t i = 0; i < pictures.size(); ++i) look(i, pictures[i].pixels);
  };
  return sheet_of(pictures.size(), each, layout);
}

Image contact_sheet(const PictureSource& pictures, const SheetLayout& layout) {
  const EachPicture each = [&](const auto& look) {
    for (std::size_t i = 0; i < pictures.count; ++i) look(i, pictures.picture(i).pixels);
  };
  return sheet_of(pictures.count, each, layout);
}

}  // namespace diffusion
