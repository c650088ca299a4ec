// The header of a .npy file: what NumPy writes as a Python dictionary.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "lib/tensor/formats/npy.hpp"

namespace diffusion {

struct NpyHeader {
  NpyType type;
  bool swapped;  // the file's byte order is not this machine's
  bool fortran;  // first axis fastest
  std::vector<std::size_t> shape;
  std::size_t bytes;       // of the header, magic included
  std::size_t data_bytes;  // that follow
};

/// Reads the header at the front of a file, and checks that `file_bytes` hold the data
/// it claims; `front` holds the header at least. Throws Error opened by `culprit`.
NpyHeader read_npy_header(std::string_view front, std::uint64_t file_bytes,
                          const std::string& culprit);

/// Turns the byte order of elements of `each` bytes round.
void swap_bytes(char* data, std::size_t bytes, std::size_t each);

}  // namespace diffusion
