#include "lib/models/adm_layout.hpp"

#include <algorithm>
#include <array>

namespace diffusion {
namespace {

const std::string inputs = "input_blocks.", outputs = "output_blocks.";

bool attends(const StateDict& weights, const std::string& block) {
  return weights.has(block + ".1.qkv.weight");
}

bool is_residual(const StateDict& weights, const std::string& block) {
  return weights.has(block + ".in_layers.0.weight");
}

bool doubles(const StateDict& weights, const std::string& block) {
  return std::ranges::any_of(std::array{".1", ".2"}, [&](const char* part) {
    return weights.has(block + part + ".conv.weight") || is_residual(weights, block + part);
  });
}

/// Blocks of a level of the way up, of which the last doubles the sides.
std::size_t blocks_of_a_level(const StateDict& weights) {
  const std::size_t blocks = weights.count(outputs), halves = weights.count(inputs);
  std::size_t each = blocks;
  for (std::size_t i = blocks; i-- > 0;)
    if (doubles(weights, outputs + std::to_string(i))) each = i + 1;
  if (each < 2 || blocks % each != 0 || halves != blocks)
    weights.refuse("its blocks are not those of a U-Net of OpenAI's (" + std::to_string(halves) +
                   " on the way down, " + std::to_string(blocks) + " up)");
  return each;
}

}  // namespace

bool AdmLayout::attends_anywhere() const {
  return attends_in_middle || std::ranges::find(attends_down, true) != attends_down.end() ||
         std::ranges::find(attends_up, true) != attends_up.end();
}

std::string AdmLayout::input(std::size_t level, std::size_t layer) const {
  return inputs + std::to_string(1 + level * (layers + 1) + layer);
}

std::string AdmLayout::output(std::size_t i, std::size_t layer) const {
  return outputs + std::to_string(i * (layers + 1) + layer);
}

std::string AdmLayout::doubler(std::size_t i) const {
  return output(i, layers) + (attends_up[i] ? ".2" : ".1");
}

AdmLayout adm_layout(const StateDict& weights) {
  const std::size_t each = blocks_of_a_level(weights), levels = weights.count(outputs) / each;
  AdmLayout layout{.layers = each - 1,
                   .attends_in_middle = weights.has("middle_block.1.qkv.weight")};
  for (std::size_t i = 0; i < levels; ++i) {
    const std::string down = layout.input(i, 0);
    layout.channels.push_back(weights.shape(down + ".0.out_layers.3.weight", 4)[0]);
    layout.attends_down.push_back(attends(weights, down));
    layout.attends_up.push_back(attends(weights, layout.output(i, 0)));
  }
  layout.resamples_in_residual = levels > 1 && is_residual(weights, layout.doubler(0));
  return layout;
}

}  // namespace diffusion
