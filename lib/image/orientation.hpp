// EXIF's orientation: how a camera was held, which files say beside pixels that are not turned.
#pragma once
#include <string_view>

#include "lib/base/file_kind.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// 1 (as stored) to 8, of a JPEG, PNG, TIFF or WebP file; 1 where it does not say, and of
/// other kinds. Never throws.
int orientation_of(FileKind kind, std::string_view bytes);

/// H x W x C -> H x W x C, or W x H x C from 5 up: the picture of an orientation as it is to be
/// seen.
Tensor upright(const Tensor& image, int orientation);

}  // namespace diffusion
