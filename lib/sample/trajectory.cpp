#include "lib/sample/trajectory.hpp"

#include <algorithm>

#include "lib/noise/prediction.hpp"
#include "lib/tensor/formats/npz.hpp"
#include "lib/tensor/stack.hpp"

namespace diffusion {
namespace {

std::string column(const std::vector<double>& values) {
  Array array(Array::shape_type{values.size()});
  std::copy(values.begin(), values.end(), array.begin());
  return npy_bytes(array);
}

}  // namespace

Trajectory::Trajectory(const GenerateRequest& request)
    : shape_(batch_shape(request.count, request.shape)) {}

GenerateWatch Trajectory::watch() {
  return {
      .at_level = [this](auto offset, auto index, const auto& x) { at_level(offset, index, x); },
      .evaluated = [this](auto offset, const auto& x_t, const auto& at,
                          const auto& denoised) { evaluated(offset, x_t, at, denoised); }};
}

void Trajectory::put(std::vector<Tensor>& frames, std::size_t index, std::size_t offset,
                     const Tensor& x) {
  while (frames.size() <= index) frames.emplace_back(shape_);
  put_rows(x, frames[index], offset);
}

void Trajectory::at_level(std::size_t offset, std::uint32_t index, const Tensor& x) {
  if (offset != batch_) evaluation_ = 0;
  batch_ = offset;
  level_ = index;
  put(states_, index, offset, x);
}

void Trajectory::evaluated(std::size_t offset, const Tensor& x_t, const NoiseLevel& at,
                           const Denoised& denoised) {
  if (evaluation_ == levels_.size()) {
    levels_.push_back(at);
    steps_.push_back(double(level_));
  }
  put(inputs_, evaluation_, offset, x_t);
  put(x0_, evaluation_, offset, denoised.x0);
  put(eps_, evaluation_, offset, eps_of(denoised, x_t, at));
  ++evaluation_;
}

void Trajectory::write(const std::string& path) const {
  const auto of_levels = [&](double NoiseLevel::*member) {
    std::vector<double> values;
    for (const NoiseLevel& level : levels_) values.push_back(level.*member);
    return column(values);
  };
  write_npz(path, {{"x", npy_bytes(stacked(states_))},
                   {"x_in", npy_bytes(stacked(inputs_))},
                   {"x0", npy_bytes(stacked(x0_))},
                   {"eps", npy_bytes(stacked(eps_))},
                   {"alpha", of_levels(&NoiseLevel::alpha)},
                   {"sigma", of_levels(&NoiseLevel::sigma)},
                   {"timestep", of_levels(&NoiseLevel::timestep)},
                   {"step", column(steps_)}});
}

}  // namespace diffusion
