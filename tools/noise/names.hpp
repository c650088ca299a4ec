// What diff-noise calls the versions of an image.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/image/image_set.hpp"
#include "lib/noise/noising.hpp"

namespace diffusion {

/// Whether names carry the level, as ".tN" before the extension.
enum class LevelInName { left_out, added };

/// Names for the versions of one image after another, one a level: its path below DATA
/// (the row's six digits for an array) with an extension of its own, or PNG where its
/// format can't be written.
class NameBook {
 public:
  /// `place` is where the names go, for messages. `extension` ".exr" is that of all
  /// names; "" leaves each input its own.
  NameBook(std::string place, std::string extension, LevelInName level)
      : place_(std::move(place)), extension_(std::move(extension)), level_(level) {}

  /// Throws Error when two inputs would be written under one name.
  std::vector<std::string> names(const ImageEntry& entry, const std::vector<LevelAsked>& levels);

 private:
  std::string place_, extension_;
  LevelInName level_;
  std::unordered_map<std::string, std::string> writers_ = {};  // by name without level
};

}  // namespace diffusion
