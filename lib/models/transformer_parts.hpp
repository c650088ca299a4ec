// What configurations of transformers have in common.
#pragma once
#include <cstdint>

#include "lib/models/config_keys.hpp"
#include "lib/models/network.hpp"

namespace diffusion {

/// Far beyond what anybody runs, and small enough to loop over.
inline constexpr std::int64_t most_transformer_blocks = 1 << 10;

/// The patches that cover an image, each a token.
struct PatchGrid {
  ImageSides sides{32, 32};
  std::int64_t patch = 2;  // side, in pixels

  std::int64_t rows() const { return std::int64_t(sides.height) / patch; }
  std::int64_t columns() const { return std::int64_t(sides.width) / patch; }

  /// Refuses sides that patches do not divide, or of which there are too many for attention, which
  /// is quadratic in them.
  void check(const ConfigKeys& keys) const;
  /// The same of images that a network is to be trained on.
  void check_images(const ImageSides& images) const;
};

/// "sample_size" and "patch_size"; the fallbacks are the above.
PatchGrid take_patch_grid(ConfigKeys& keys);

/// Where the weights of a transformer with adaLN-Zero start, as its authors have it: every block
/// as the identity, so that the network says nothing.
struct AdaptiveStart {
  bool silent;  // the weight modulates a block, or makes the output
  bool embeds;  // the time or a class
};
InitialLaw adaptive_law(const nn::Param& param, std::size_t inputs, const AdaptiveStart& start);

}  // namespace diffusion
