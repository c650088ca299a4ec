// Keys that networks have in common: what says which images they are for.
#pragma once
#include <cstdint>
#include <optional>

#include "lib/models/config_keys.hpp"
#include "lib/models/network.hpp"

namespace diffusion {

/// Far beyond what anybody has, and small enough to allocate for.
inline constexpr std::int64_t most_class_labels = 1 << 24;

/// "sample_size": null, a number or [height, width].
std::optional<ImageSides> take_sample_size(ConfigKeys& keys);

/// As that key has it: one number where the two are one.
Json sides_to_json(const ImageSides& sides);

/// Sets sample_size, in_channels and out_channels. Throws Error where one is there and another.
void fit_images(Json& model, const NetworkTask& task);

/// Sets `key` to `value` where there are classes. Throws Error where it is there and another, or
/// there are none.
void fit_classes(Json& model, const char* key, std::size_t classes, std::size_t value);

}  // namespace diffusion
