#include "lib/fid/features/inception_units.hpp"

#include <vector>

namespace diffusion {
namespace {

using nn::ConvolutionShape;
using Units = std::vector<InceptionUnit>;

/// Of the image's size.
ConvolutionShape around(std::int64_t in, std::int64_t out, nn::Sides kernel) {
  const nn::Sides pad{kernel.h / 2, kernel.w / 2};
  return {.in = in, .out = out, .kernel = kernel, .pad_before = pad, .pad_after = pad};
}
ConvolutionShape plain(std::int64_t in, std::int64_t out, std::int64_t kernel = 1) {
  return around(in, out, kernel);
}
ConvolutionShape halving(std::int64_t in, std::int64_t out) {
  return {.in = in, .out = out, .kernel = 3, .stride = 2};
}
ConvolutionShape inside(std::int64_t in, std::int64_t out) {
  return {.in = in, .out = out, .kernel = 3};
}
ConvolutionShape wide(std::int64_t in, std::int64_t out, std::int64_t kernel) {
  return around(in, out, {1, kernel});
}
ConvolutionShape tall(std::int64_t in, std::int64_t out, std::int64_t kernel) {
  return around(in, out, {kernel, 1});
}

/// The units of one block, whose names begin alike.
struct Block {
  Units& units;
  std::string name, script;
  std::int64_t size;

  void add(const std::string& unit, const std::string& script_unit, const ConvolutionShape& shape) {
    units.push_back({name + "." + unit, script + "_" + script_unit, shape, size});
  }
  void add_pooled(const std::string& script_unit, const ConvolutionShape& shape) {
    add("branch_pool", script_unit, shape);
    units.back().of_means = name != "Mixed_7c";  // which takes the largest
  }
};

void add_stem(Units& units) {
  units.push_back({"Conv2d_1a_3x3", "conv", halving(3, 32), 299});
  units.push_back({"Conv2d_2a_3x3", "conv_1", inside(32, 32), 149});
  units.push_back({"Conv2d_2b_3x3", "conv_2", plain(32, 64, 3), 147});
  units.push_back({"Conv2d_3b_1x1", "conv_3", plain(64, 80), 73});
  units.push_back({"Conv2d_4a_3x3", "conv_4", inside(80, 192), 73});
}

void add_a(Block block, std::int64_t in, std::int64_t pooled) {
  block.add("branch1x1", "conv", plain(in, 64));
  block.add("branch5x5_1", "tower_conv", plain(in, 48));
  block.add("branch5x5_2", "tower_conv_1", plain(48, 64, 5));
  block.add("branch3x3dbl_1", "tower_1_conv", plain(in, 64));
  block.add("branch3x3dbl_2", "tower_1_conv_1", plain(64, 96, 3));
  block.add("branch3x3dbl_3", "tower_1_conv_2", plain(96, 96, 3));
  block.add_pooled("tower_2_conv", plain(in, pooled));
}

void add_b(Block block) {
  block.add("branch3x3", "conv", halving(288, 384));
  block.add("branch3x3dbl_1", "tower_conv", plain(288, 64));
  block.add("branch3x3dbl_2", "tower_conv_1", plain(64, 96, 3));
  block.add("branch3x3dbl_3", "tower_conv_2", halving(96, 96));
}

void add_c(Block block, std::int64_t mid) {
  block.add("branch1x1", "conv", plain(768, 192));
  block.add("branch7x7_1", "tower_conv", plain(768, mid));
  block.add("branch7x7_2", "tower_conv_1", wide(mid, mid, 7));
  block.add("branch7x7_3", "tower_conv_2", tall(mid, 192, 7));
  block.add("branch7x7dbl_1", "tower_1_conv", plain(768, mid));
  block.add("branch7x7dbl_2", "tower_1_conv_1", tall(mid, mid, 7));
  block.add("branch7x7dbl_3", "tower_1_conv_2", wide(mid, mid, 7));
  block.add("branch7x7dbl_4", "tower_1_conv_3", tall(mid, mid, 7));
  block.add("branch7x7dbl_5", "tower_1_conv_4", wide(mid, 192, 7));
  block.add_pooled("tower_2_conv", plain(768, 192));
}

void add_d(Block block) {
  block.add("branch3x3_1", "tower_conv", plain(768, 192));
  block.add("branch3x3_2", "tower_conv_1", halving(192, 320));
  block.add("branch7x7x3_1", "tower_1_conv", plain(768, 192));
  block.add("branch7x7x3_2", "tower_1_conv_1", wide(192, 192, 7));
  block.add("branch7x7x3_3", "tower_1_conv_2", tall(192, 192, 7));
  block.add("branch7x7x3_4", "tower_1_conv_3", halving(192, 192));
}

void add_e(Block block, std::int64_t in) {
  block.add("branch1x1", "conv", plain(in, 320));
  block.add("branch3x3_1", "tower_conv", plain(in, 384));
  block.add("branch3x3_2a", "tower_mixed_conv", wide(384, 384, 3));
  block.add("branch3x3_2b", "tower_mixed_conv_1", tall(384, 384, 3));
  block.add("branch3x3dbl_1", "tower_1_conv", plain(in, 448));
  block.add("branch3x3dbl_2", "tower_1_conv_1", plain(448, 384, 3));
  block.add("branch3x3dbl_3a", "tower_1_mixed_conv", wide(384, 384, 3));
  block.add("branch3x3dbl_3b", "tower_1_mixed_conv_1", tall(384, 384, 3));
  block.add_pooled("tower_2_conv", plain(in, 192));
}

Units all_units() {
  Units units;
  add_stem(units);
  add_a({units, "Mixed_5b", "mixed", 35}, 192, 32);
  add_a({units, "Mixed_5c", "mixed_1", 35}, 256, 64);
  add_a({units, "Mixed_5d", "mixed_2", 35}, 288, 64);
  add_b({units, "Mixed_6a", "mixed_3", 35});
  add_c({units, "Mixed_6b", "mixed_4", 17}, 128);
  add_c({units, "Mixed_6c", "mixed_5", 17}, 160);
  add_c({units, "Mixed_6d", "mixed_6", 17}, 160);
  add_c({units, "Mixed_6e", "mixed_7", 17}, 192);
  add_d({units, "Mixed_7a", "mixed_8", 17});
  add_e({units, "Mixed_7b", "mixed_9", 8}, 1280);
  add_e({units, "Mixed_7c", "mixed_10", 8}, 2048);
  return units;
}

}  // namespace

std::span<const InceptionUnit> inception_units() {
  static const Units units = all_units();
  return units;
}

}  // namespace diffusion
