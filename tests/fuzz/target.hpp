// What fuzz targets share: bytes in, and Error is the only way to refuse them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lib/base/error.hpp"

namespace diffusion::fuzz {

/// Runs `parse` on the input; anything but success or Error is a finding.
template <class Parse>
int run(const std::uint8_t* data, std::size_t size, Parse parse) {
  try {
    parse(std::string_view(reinterpret_cast<const char*>(data), size));
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace diffusion::fuzz
