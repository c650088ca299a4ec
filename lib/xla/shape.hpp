// What an array of a StableHLO program is: a type of elements and extents.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace diffusion::xla {

enum class Type : std::uint8_t { pred, u32, s32, f32, bf16 };

/// As StableHLO's text has it: "f32".
constexpr std::string_view name_of(Type type) {
  constexpr std::string_view names[] = {"i1", "ui32", "i32", "f32", "bf16"};
  return names[std::size_t(type)];
}

constexpr std::size_t bytes_per_element(Type type) {
  return type == Type::pred ? 1 : type == Type::bf16 ? 2 : 4;
}

struct Shape {
  Type type = Type::f32;
  std::vector<std::int64_t> dims;  // none: a scalar

  std::size_t count() const {
    std::size_t product = 1;
    for (const std::int64_t extent : dims) product *= std::size_t(extent);
    return product;
  }
  std::size_t bytes() const { return count() * bytes_per_element(type); }
  bool operator==(const Shape&) const = default;
};

}  // namespace diffusion::xla
