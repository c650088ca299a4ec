// FNV-1a, 64 bits (Fowler, Noll, Vo): hashes of names and contents.
#pragma once
#include <cstdint>
#include <string_view>

namespace diffusion {

/// The address of a file's noise is the hash of its name.
constexpr std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text) hash = (hash ^ std::uint8_t(c)) * 0x100000001B3;
  return hash;
}

}  // namespace diffusion
