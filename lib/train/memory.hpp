// How much memory images may take.
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace diffusion {

/// "500M", "1.5G": bytes, in units of 1000 (k, M, G, T); nothing for any other text, or for
/// none at all.
std::optional<std::size_t> parse_memory(std::string_view text);

/// Half of what the machine has, or of what the control group of this process may have.
std::size_t half_of_memory();

}  // namespace diffusion
