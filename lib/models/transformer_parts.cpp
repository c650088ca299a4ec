#include "lib/models/transformer_parts.hpp"

#include <cmath>
#include <string>

#include "lib/base/error.hpp"
#include "lib/models/task_keys.hpp"

namespace diffusion {
namespace {

constexpr std::int64_t most_patch_side = 1 << 10;
constexpr std::int64_t most_patches = 1 << 16;

bool divides(const PatchGrid& grid) {
  const auto patch = std::size_t(grid.patch);
  return grid.sides.height % patch == 0 && grid.sides.width % patch == 0;
}

std::string sides_text(const ImageSides& sides) {
  return "the images are " + std::to_string(sides.height) + " x " + std::to_string(sides.width) +
         " pixels, ";
}

}  // namespace

void PatchGrid::check(const ConfigKeys& keys) const {
  if (!divides(*this)) keys.refuse("patch_size", "a divisor of sample_size");
  if (rows() * columns() > most_patches)
    keys.refuse("sample_size", "of at most " + std::to_string(most_patches) + " patches");
}

void PatchGrid::check_images(const ImageSides& images) const {
  const PatchGrid grid{images, patch};
  const std::string side = std::to_string(patch);
  if (grid.rows() * grid.columns() > most_patches)
    throw Error(sides_text(images) + "more than " + std::to_string(most_patches) + " patches of " +
                side + "; raise model.patch_size");
  if (divides(grid)) return;
  const auto up = [&](std::size_t pixels) {
    const auto each = std::size_t(patch);
    return std::to_string((pixels + each - 1) / each * each);
  };
  throw Error(sides_text(images) + "which patches of " + side + " do not divide; `size` " +
              up(images.height) + "x" + up(images.width) +
              " resizes them, or change model.patch_size");
}

PatchGrid take_patch_grid(ConfigKeys& keys) {
  PatchGrid grid;
  grid.sides = take_sample_size(keys).value_or(grid.sides);
  grid.patch = keys.positive("patch_size", grid.patch, most_patch_side);
  return grid;
}

InitialLaw adaptive_law(const nn::Param& param, std::size_t inputs, const AdaptiveStart& start) {
  if (param.name.ends_with(".bias") || start.silent) return {InitialLaw::Kind::constant, 0};
  if (start.embeds) return {InitialLaw::Kind::normal, 0.02f};
  if (inputs == 0) return {InitialLaw::Kind::constant, 1};  // of norms
  const double both = double(inputs + param.shape[0]);      // Glorot and Bengio 2010
  return {InitialLaw::Kind::uniform, float(std::sqrt(6 / both))};
}

}  // namespace diffusion
