// The header of a .npy file: what NumPy writes as a Python dictionary.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "lib/tensor/npy.hpp"

namespace diffusion {

struct NpyHeader {
  NpyType type;
  bool swapped;  // the file's byte order is not this machine's
  bool fortran;  // first axis fastest
  std::vector<std::size_t> shape;
  std::size_t bytes;       // of the header, magic included
  std::size_t data_bytes;  // that follow
};

/// Reads the header at the front of `bytes`, and checks that the data it claims
/// is there. Throws Error opened by `culprit`.
NpyHeader read_npy_header(std::string_view bytes, const std::string& culprit);

}  // namespace diffusion
