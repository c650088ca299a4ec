// Which channels of an OpenEXR file are a picture, by their names.
#pragma once
#include <string>
#include <vector>

namespace diffusion {

/// How many of the channels, first ones first, are the picture: red, green and blue, or grey
/// alone (Y, L), either with A, all of one layer. Depth (Z, ZBack) may stand behind them. Throws
/// Error that names the channels where they are something else: one that is not a colour, colours
/// of two layers, luminance and chroma.
int picture_channels(const std::vector<std::string>& names);

}  // namespace diffusion
