#include "lib/output/comparison_sheet.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "lib/image/contact_sheet.hpp"

namespace diffusion {
namespace {

/// The first samples of a run side by side.
Image tile(const ComparedRun& run, std::size_t shown) {
  const auto& shape = run.samples.shape();
  std::vector<Image> pictures;
  for (std::size_t n = 0; n < std::min(shown, shape[0]); ++n) {
    Image picture{Tensor(Shape{shape[1], shape[2], shape[3]}), Depth::uint8};
    const std::size_t each = picture.pixels.size();
    std::copy_n(run.samples.data() + n * each, each, picture.pixels.data());
    pictures.push_back(std::move(picture));
  }
  return contact_sheet(pictures, {.columns = pictures.size(), .gap = 0});
}

/// The solution, where a sampler goes there.
Image solution_tile(const ComparedRun& solution, const ComparedRun& run, std::size_t shown) {
  Image picture = tile(solution, shown);
  if (run.draws_noise) std::ranges::fill(picture.pixels, 1.0f);
  return picture;
}

}  // namespace

Image comparison_sheet(const ComparedRun& solution, std::span<const ComparedRun> runs,
                       std::size_t shown) {
  std::vector<Image> tiles;
  SheetLayout layout{.scale = SheetLayout::readable};
  const std::string& first = runs.front().sampler;
  for (const ComparedRun& run : runs) {
    if (layout.row_labels.empty() || layout.row_labels.back() != run.sampler)
      layout.row_labels.push_back(run.sampler);
    if (run.sampler == first) layout.column_labels.push_back(std::to_string(run.steps) + " steps");
  }
  layout.columns = layout.column_labels.size() + 1;
  layout.column_labels.emplace_back("solution");
  for (const ComparedRun& run : runs) {
    tiles.push_back(tile(run, shown));
    if (tiles.size() % layout.columns == layout.columns - 1)
      tiles.push_back(solution_tile(solution, run, shown));
  }
  return contact_sheet(tiles, layout);
}

}  // namespace diffusion
