// How large an array is that a file's header tells of, before anything believes it.
#pragma once
#include <cstddef>
#include <optional>
#include <span>

namespace diffusion {

/// Bytes of an array of that shape with elements of `each` bytes, 0 where an axis is empty.
/// Nothing where they leave 63 bits, or would but for the empty axes: strides are products of
/// the other ones.
inline std::optional<std::size_t> bytes_of_shape(std::span<const std::size_t> shape,
                                                 std::size_t each) {
  std::size_t bytes = each;
  bool empty = false;
  for (const std::size_t extent : shape) {
    empty |= extent == 0;
    if (extent != 0 && (__builtin_mul_overflow(bytes, extent, &bytes) || bytes >> 63 != 0))
      return std::nullopt;
  }
  return empty ? 0 : bytes;
}

}  // namespace diffusion
