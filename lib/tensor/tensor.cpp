#include "lib/tensor/tensor.hpp"

namespace diffusion {

std::string describe(const Shape& shape) {
  std::string text;
  for (const std::size_t extent : shape) {
    if (!text.empty()) text += " x ";
    text += std::to_string(extent);
  }
  return text.empty() ? "scalar" : text;
}

}  // namespace diffusion
