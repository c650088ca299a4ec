// The bytes of a picture file; none is looked at before it is known to be there.
#pragma once
#include <cstdint>
#include <string_view>

#include "lib/base/error.hpp"

namespace diffusion {

/// What is said of a file that ends too early.
inline constexpr const char* truncated_picture = "truncated: the file ends before the picture does";

enum class ByteOrder { little, big };

/// Numbers and parts at places in a file, or what is left of one. Throws Error, that the file
/// is truncated, for what lies behind its end.
class FileBytes {
 public:
  FileBytes(std::string_view bytes, ByteOrder order) : bytes_(bytes), order_(order) {}

  std::size_t size() const { return bytes_.size(); }

  std::string_view part(std::size_t at, std::size_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) throw Error(truncated_picture);
    return bytes_.substr(at, size);
  }
  std::string_view from(std::size_t at) const { return part(at, bytes_.size() - at); }

  std::uint8_t byte(std::size_t at) const { return std::uint8_t(part(at, 1)[0]); }
  std::uint32_t two(std::size_t at) const { return number(at, 2); }
  std::uint32_t four(std::size_t at) const { return number(at, 4); }

 private:
  std::uint32_t number(std::size_t at, std::size_t size) const {
    const std::string_view digits = part(at, size);
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
      value = value << 8 | std::uint8_t(digits[order_ == ByteOrder::big ? i : size - 1 - i]);
    return value;
  }

  std::string_view bytes_;
  ByteOrder order_;
};

}  // namespace diffusion
