// The files below a folder.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace diffusion {

/// Whether `a` sorts before `b` as people number things: runs of digits compare
/// as numbers, so that 2.png comes before 10.png; a folder before what is longer.
bool natural_less(std::string_view a, std::string_view b);

/// Paths below `folder` of all files, in natural order. Hidden files and folders are skipped;
/// links are followed, but not round in circles. Throws Error when a folder can't be read.
std::vector<std::string> list_files(const std::string& folder);

}  // namespace diffusion
