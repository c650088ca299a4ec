// What can be wrong with a shared library's file.
#pragma once
#include <string>

namespace diffusion {

/// Whether the file ends before the table that its header says is its last part. The loader
/// maps such a file all the same, and touching what is missing ends the program (SIGBUS).
bool library_cut_off(const std::string& path);

/// What the loader said last, without the path where it begins with that.
std::string loaders_reason(const std::string& path);

}  // namespace diffusion
