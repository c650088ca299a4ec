#include "lib/nn/parameters.hpp"

#include <algorithm>
#include <cassert>

namespace diffusion::nn {

const Param& Parameters::add(std::string name, std::vector<std::size_t> shape) {
  assert(std::ranges::none_of(params_, [&](const Param& p) { return p.name == name; }));
  Param param{std::move(name), std::move(shape), values_.size()};
  for (const std::size_t extent : param.shape) param.size *= extent;
  values_.resize(values_.size() + param.size);
  return params_.emplace_back(std::move(param));
}

void Parameters::zero_gradients() { gradients_.assign(values_.size(), 0); }

std::span<float> Parameters::value(const Param& p) { return values().subspan(p.offset, p.size); }

std::span<const float> Parameters::value(const Param& p) const {
  return values().subspan(p.offset, p.size);
}

std::span<float> Parameters::gradient(const Param& p) {
  return gradients().subspan(p.offset, p.size);
}

}  // namespace diffusion::nn
