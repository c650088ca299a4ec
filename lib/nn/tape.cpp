#include "lib/nn/tape.hpp"

#include <algorithm>
#include <utility>

namespace diffusion::nn {

std::size_t Tape::bytes() const {
  std::vector<std::pair<const void*, std::size_t>> buffers;
  for (const auto* tensors : {&saved_, &beginnings.values})
    for (const Tensor& tensor : *tensors)
      if (!tensor.empty())
        buffers.emplace_back(tensor.data(), tensor.count() * bytes_per_element(tensor.dtype()));
  std::ranges::sort(buffers);
  std::size_t sum = 0;
  for (std::size_t i = 0; i < buffers.size(); ++i)
    if (i + 1 == buffers.size() || buffers[i + 1].first != buffers[i].first)
      sum += buffers[i].second;
  return sum;
}

}  // namespace diffusion::nn
