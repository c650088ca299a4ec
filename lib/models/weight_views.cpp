#include "lib/models/weight_views.hpp"

#include <algorithm>
#include <cassert>

namespace diffusion {

WeightTensor renamed(WeightTensor tensor, std::string name) {
  tensor.name = std::move(name);
  return tensor;
}

WeightTensor reshaped(WeightTensor tensor, std::vector<std::size_t> shape) {
  [[maybe_unused]] const std::size_t before = tensor.count();
  tensor.shape = std::move(shape);
  assert(tensor.count() == before);
  return tensor;
}

WeightTensor scaled(WeightTensor tensor, float factor) {
  tensor.read = [read = std::move(tensor.read), factor](std::span<float> out) {
    read(out);
    for (float& value : out) value *= factor;
  };
  return tensor;
}

WeightTensor rows_of(WeightTensor tensor, std::vector<std::size_t> rows) {
  WeightTensor some = tensor;
  some.shape[0] = rows.size();
  some.read = [whole = std::move(tensor), rows = std::move(rows)](std::span<float> out) {
    const std::vector<float> all = whole.values();
    const std::size_t each = all.size() / whole.shape[0];
    for (std::size_t i = 0; i < rows.size(); ++i)
      std::ranges::copy(std::span(all).subspan(rows[i] * each, each),
                        out.begin() + std::ptrdiff_t(i * each));
  };
  return some;
}

}  // namespace diffusion
