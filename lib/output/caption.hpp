// Words above pictures of noise levels.
#pragma once
#include <span>
#include <string>

#include "lib/noise/noising.hpp"

namespace diffusion {

/// What stands above a level's pictures: "t=300\nSNR 2.31", "sigma 2\nSNR 0.25", "SNR 0.5".
std::string caption(const LevelAsked& asked);

/// The characters of the longest line of all captions.
std::size_t longest_line(std::span<const std::string> captions);

/// Two lines, the first at least `width` long, so that all frames of an animation have
/// the same room for their captions.
std::string padded(const std::string& caption, std::size_t width);

}  // namespace diffusion
