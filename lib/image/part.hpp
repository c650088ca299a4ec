// Parts of an image set, for those who share the work on it.
#pragma once
#include <string>

#include "lib/image/image_set.hpp"

namespace diffusion {

/// How many images a set has, for `setting`, which divides it. Throws Error, opened by `data`
/// ("-": standard input), where that shows only at its end.
std::size_t count_to_divide(const ImageSet& set, const std::string& data, const char* setting);

}  // namespace diffusion
