// SHA-256 (FIPS 180-4, "Secure Hash Standard").
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/random_access.hpp"

namespace diffusion {

/// Takes bytes in any portions.
class Sha256 {
 public:
  void add(std::string_view bytes);
  /// 64 hexadecimal digits. Ends it.
  std::string finish();

 private:
  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::string pending_;  // less than a block
  std::uint64_t bytes_ = 0;
};

/// Of a whole file, read in pieces. Throws Error.
std::string sha256_of(const RandomAccessFile& file);

}  // namespace diffusion
