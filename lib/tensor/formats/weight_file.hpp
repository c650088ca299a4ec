// The named tensors of a file of weights, whatever its container: safetensors, or one that
// PyTorch wrote.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace diffusion {

struct WeightTensor {
  std::string name;
  std::vector<std::size_t> shape;
  /// Fills `out`, of count() numbers, last index fastest. Throws Error; from any thread.
  std::function<void(std::span<float> out)> read;

  std::size_t count() const;
  std::vector<float> values() const;
};

/// In the file's order; it stays open while any of them is there. Throws Error.
std::vector<WeightTensor> open_weights(const std::string& path);

/// "[64, 3, 3, 3]": a shape as messages on weights have it.
std::string shape_text(const std::vector<std::size_t>& shape);

}  // namespace diffusion
