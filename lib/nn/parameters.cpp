#include "lib/nn/parameters.hpp"

#include <cassert>

#include "lib/base/error.hpp"

namespace diffusion::nn {

const Param& Parameters::add(std::string name, std::vector<std::size_t> shape, Training training) {
  if (const auto known = places_.find(name); known != places_.end()) {
    const Param& param = params_[known->second];
    assert(param.shape == shape);
    return param;
  }
  Param param{std::move(name), std::move(shape), size_};
  param.training = training;
  for (const std::size_t extent : param.shape)
    if (__builtin_mul_overflow(param.size, extent, &param.size) || param.size > most)
      param.size = most + 1;
  if (param.size > most - size_)
    throw Error("a network of more than " + std::to_string(most) +
                " weights, which is the most that is run here");
  size_ += param.size;
  places_.emplace(param.name, params_.size());
  return params_.emplace_back(std::move(param));
}

std::span<float> Parameters::values() {
  values_.resize(size_);
  return values_;
}

std::span<const float> Parameters::values() const {
  if (values_.size() != size_) values_.resize(size_);
  return values_;
}

std::span<float> Parameters::value(const Param& p) { return values().subspan(p.offset, p.size); }

std::span<const float> Parameters::value(const Param& p) const {
  return values().subspan(p.offset, p.size);
}

}  // namespace diffusion::nn
