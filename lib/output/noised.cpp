#include "lib/output/noised.hpp"

#include <algorithm>
#include <span>

#include "lib/image/animation.hpp"
#include "lib/image/contact_sheet.hpp"
#include "lib/image/image_file.hpp"
#include "lib/output/caption.hpp"

namespace diffusion {
namespace {

bool same_levels(const std::vector<ShownImage>& images) {
  const auto names = [](const ShownImage& image) {
    std::vector<std::string> all;
    for (const LevelAsked& asked : image.levels) all.push_back(asked.name);
    return all;
  };
  return std::ranges::all_of(images,
                             [&](const auto& image) { return names(image) == names(images[0]); });
}

/// Whether the first level is not clean itself.
bool clean_goes_first(const ShownImage& image) { return !image.levels[0].level.clean(); }

/// Columns are levels; where each image has its own, rows are.
void label(SheetLayout& layout, const std::vector<ShownImage>& rows) {
  if (clean_goes_first(rows[0])) layout.column_labels = {"x_0"};
  if (same_levels(rows)) {
    for (const LevelAsked& asked : rows[0].levels) layout.column_labels.push_back(caption(asked));
    return;
  }
  layout.column_labels.push_back("x_t");
  for (const ShownImage& row : rows) layout.row_labels.push_back(caption(row.levels[0]));
}

}  // namespace

void write_noised_strip(const std::string& path, const std::vector<ShownImage>& rows) {
  if (rows.empty()) return;
  std::vector<Image> pictures;
  for (const ShownImage& row : rows) {
    if (clean_goes_first(row)) pictures.push_back(row.clean);
    for (const SharedImage& version : row.versions) pictures.push_back(*version);
  }
  SheetLayout layout{.columns = pictures.size() / rows.size(), .scale = SheetLayout::readable};
  label(layout, rows);
  write_image(path, contact_sheet(pictures, layout));
}

void write_noised_gif(const std::string& path, const std::vector<ShownImage>& images,
                      const AnimationLook& look) {
  if (images.empty()) return;
  const auto shown = std::span(images).first(std::min(look.images, images.size()));
  std::vector<std::string> captions;
  for (const ShownImage& image : shown)
    for (const LevelAsked& asked : image.levels) captions.push_back(caption(asked));
  const std::size_t longest = longest_line(captions);
  Animation animation;
  const auto add_frame = [&](const auto& picture_of, const auto& caption_of) {
    SheetLayout layout{.columns = shown.size(), .scale = SheetLayout::readable};
    std::vector<Image> pictures;
    for (const ShownImage& image : shown) {
      pictures.push_back(picture_of(image));
      layout.column_labels.push_back(padded(caption_of(image), longest));
    }
    animation.add(contact_sheet(pictures, layout));
  };
  if (clean_goes_first(shown[0]))
    add_frame([](const ShownImage& image) { return image.clean; },
              [](const ShownImage&) { return "x_0"; });
  for (std::size_t i = 0; i < shown[0].levels.size(); ++i)
    add_frame([&](const ShownImage& image) { return *image.versions[i]; },
              [&](const ShownImage& image) { return caption(image.levels[i]); });
  animation.write(path, {.frames_a_second = look.frames_a_second});
}

}  // namespace diffusion
