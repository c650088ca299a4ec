#include "lib/image/contact_sheet.hpp"

#include <algorithm>
#include <cmath>

#include "lib/image/alike.hpp"

namespace diffusion {
namespace {

constexpr float white = 1;
constexpr std::size_t readable = 64;  // pixels a picture should be high

/// What a sheet of these pictures is made of.
struct Grid {
  std::size_t rows, columns, cell_height, cell_width, channels, gap, scale;

  std::size_t top(std::size_t row) const { return gap + row * (cell_height * scale + gap); }
  std::size_t left(std::size_t column) const { return gap + column * (cell_width * scale + gap); }
};

Grid grid_for(std::span<const Image> pictures, const SheetLayout& layout) {
  const std::size_t count = pictures.size();
  Grid grid{0, layout.columns, 1, 1, 1, layout.gap, layout.scale};
  if (grid.columns == 0) grid.columns = std::size_t(std::ceil(std::sqrt(double(count))));
  grid.columns = std::max<std::size_t>(1, grid.columns);
  grid.rows = (count + grid.columns - 1) / grid.columns;
  for (const Image& picture : pictures) {
    grid.cell_height = std::max(grid.cell_height, picture.pixels.shape(0));
    grid.cell_width = std::max(grid.cell_width, picture.pixels.shape(1));
    if (picture.pixels.shape(2) > 2) grid.channels = 3;
  }
  if (grid.scale == 0) grid.scale = (readable + grid.cell_height - 1) / grid.cell_height;
  return grid;
}

/// Colours over white, as far as alpha lets it through.
Tensor on_white(const Tensor& pixels) {
  const std::size_t channels = pixels.shape(2);
  if (channels == 1 || channels == 3) return pixels;
  const std::size_t colours = channels - 1;
  Tensor out(Shape{pixels.shape(0), pixels.shape(1), colours});
  for (std::size_t i = 0; i < out.size() / colours; ++i) {
    const float* const from = pixels.data() + i * channels;
    const float opacity = std::clamp((from[colours] + 1) / 2, 0.f, 1.f);
    for (std::size_t c = 0; c < colours; ++c)
      out.data()[i * colours + c] = white + opacity * (std::clamp(from[c], -1.f, 1.f) - white);
  }
  return out;
}

/// Draws a picture in the middle of its cell, each pixel scale x scale large.
void draw(const Tensor& picture, const Grid& grid, std::size_t cell, Tensor& sheet) {
  const std::size_t height = picture.shape(0), width = picture.shape(1);
  const std::size_t top =
      grid.top(cell / grid.columns) + (grid.cell_height - height) * grid.scale / 2;
  const std::size_t left =
      grid.left(cell % grid.columns) + (grid.cell_width - width) * grid.scale / 2;
  for (std::size_t y = 0; y < height * grid.scale; ++y)
    for (std::size_t x = 0; x < width * grid.scale; ++x)
      for (std::size_t c = 0; c < grid.channels; ++c)
        sheet(top + y, left + x, c) =
            std::clamp(picture(y / grid.scale, x / grid.scale, c), -1.f, 1.f);
}

}  // namespace

Image contact_sheet(std::span<const Image> pictures, const SheetLayout& layout) {
  const Grid grid = grid_for(pictures, layout);
  Image sheet{Tensor(Shape{grid.top(grid.rows), grid.left(grid.columns), grid.channels}),
              Depth::uint8};
  sheet.pixels.fill(white);
  for (std::size_t i = 0; i < pictures.size(); ++i)
    draw(with_channels(on_white(pictures[i].pixels), grid.channels), grid, i, sheet.pixels);
  return sheet;
}

}  // namespace diffusion
