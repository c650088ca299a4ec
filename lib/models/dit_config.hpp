// The configuration of a diffusion transformer, checked.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/json.hpp"
#include "lib/models/network.hpp"

namespace diffusion {

inline constexpr const char* dit_class_name = "DiT";

/// Keys and defaults are those of the original's constructor, but for out_channels, which says in
/// place of learn_sigma whether there is a variance.
struct DitConfig {
  ImageSides sample_size{32, 32};
  std::int64_t patch_size = 2, in_channels = 3, out_channels = 3;
  std::int64_t hidden_size = 1152, depth = 28, num_heads = 16;
  double mlp_ratio = 4;
  std::optional<std::int64_t> num_classes;  // "no label" not counted; nothing: no classes

  std::int64_t rows() const { return std::int64_t(sample_size.height) / patch_size; }
  std::int64_t columns() const { return std::int64_t(sample_size.width) / patch_size; }
  std::int64_t mlp_size() const { return std::int64_t(double(hidden_size) * mlp_ratio); }
};

/// Missing keys take the fallbacks above; keys that begin with "_" are ignored. Unknown keys, and
/// values that do not go together, are an Error that names them.
DitConfig parse_dit_config(const Json& config);

/// The keys that there are.
std::vector<std::string> dit_keys();

/// Completes sizes, channels and classes from the images. Throws Error where the images do not
/// fit the network.
Json fit_dit(Json config, const NetworkTask& task);

/// Throws Error for what no images would fit.
void check_dit(const Json& config);

}  // namespace diffusion
