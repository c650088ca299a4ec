// The flags that say how images are read, for every tool that takes DATA.
#pragma once
#include "lib/image/image_set.hpp"
#include "tools/cli.hpp"

namespace diffusion::cli {

/// --size, --crop, --gray, --rgb, --layout and --range.
void add_image_options(CLI::App& app, ImageSetOptions& options);

/// "64" or "48x64" (height x width). Throws Error that names `flag`.
std::pair<std::size_t, std::size_t> parse_extent(const std::string& flag, const std::string& text);

}  // namespace diffusion::cli
