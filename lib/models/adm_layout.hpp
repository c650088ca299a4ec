// What the names and shapes of a U-Net of OpenAI's programs tell of it.
#pragma once
#include <string>
#include <vector>

#include "lib/models/state_dict.hpp"

namespace diffusion {

/// A level has `layers` residual blocks on the way down and one more on the way up.
struct AdmLayout {
  std::size_t layers;
  std::vector<std::size_t> channels = {};  // of each level; the sides halve from one to the next
  std::vector<bool> attends_down = {}, attends_up = {};  // in the order of the blocks
  bool attends_in_middle = false;
  bool resamples_in_residual = false;

  std::size_t levels() const { return channels.size(); }
  bool attends_anywhere() const;
  /// "input_blocks.3": the layers of a level, and after them what halves the sides.
  std::string input(std::size_t level, std::size_t layer) const;
  /// "output_blocks.3": level `i` of the way up.
  std::string output(std::size_t i, std::size_t layer) const;
  /// "output_blocks.3.2": what doubles the sides after that level.
  std::string doubler(std::size_t i) const;
};

/// Throws Error where the weights are of another network.
AdmLayout adm_layout(const StateDict& weights);

}  // namespace diffusion
