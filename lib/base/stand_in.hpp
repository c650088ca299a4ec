// What lies in the place of a file that did not come.
#pragma once
#include <string>
#include <string_view>

#include "lib/base/random_access.hpp"

namespace diffusion {

/// Throws Error that says what it is where a file that begins with `front` is a pointer of Git LFS
/// or an HTML page: what a clone without Git LFS, and a download that failed, leave.
void refuse_stand_in(std::string_view front, const std::string& culprit);
void refuse_stand_in(const RandomAccessFile& file);

}  // namespace diffusion
