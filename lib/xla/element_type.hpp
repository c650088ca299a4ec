#pragma once
#include "lib/xla/pjrt_api.hpp"
#include "lib/xla/shape.hpp"

namespace diffusion::xla {

constexpr pjrt::ElementType element_type(Type type) {
  using pjrt::ElementType;
  constexpr ElementType types[] = {ElementType::pred, ElementType::u32, ElementType::s32,
                                   ElementType::f32, ElementType::bf16};
  return types[std::size_t(type)];
}

}  // namespace diffusion::xla
