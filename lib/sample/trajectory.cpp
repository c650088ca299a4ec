#include "lib/sample/trajectory.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "lib/noise/prediction.hpp"
#include "lib/tensor/formats/npz.hpp"
#include "lib/tensor/stack.hpp"

namespace diffusion {
namespace {

std::string float64(const std::vector<double>& values, std::vector<std::size_t> shape) {
  Array array(Array::shape_type(shape.begin(), shape.end()));
  std::ranges::copy(values, array.begin());
  return npy_bytes(array);
}

}  // namespace

Trajectory::Trajectory(const GenerateRequest& request, Pace pace)
    : shape_(batch_shape(request.count, request.shape)),
      counts_(pace == Pace::state ? request.count : 1, 0) {}

GenerateWatch Trajectory::watch() {
  return {
      .at_level = [this](auto offset, auto index, const auto& x) { at_level(offset, index, x); },
      .evaluated = [this](auto offset, const auto& x_t, const auto& at,
                          const auto& denoised) { evaluated(offset, x_t, at, denoised); }};
}

void Trajectory::put(std::vector<Tensor>& frames, std::size_t index, std::size_t offset,
                     const Tensor& x) {
  while (frames.size() <= index) {
    frames.emplace_back(shape_);
    std::ranges::fill(frames.back(), NAN);
  }
  put_rows(x, frames[index], offset);
}

void Trajectory::at_level(std::size_t offset, std::uint32_t index, const Tensor& x) {
  if (offset != batch_) counts_[offset % counts_.size()] = 0;
  batch_ = offset;
  level_ = index;
  put(states_, index, offset, x);
}

void Trajectory::evaluated(std::size_t offset, const Tensor& x_t, const NoiseLevel& at,
                           const Denoised& denoised) {
  const std::size_t own = offset % counts_.size(), evaluation = counts_[own]++;
  if (evaluation == places_.size()) places_.emplace_back(counts_.size());
  places_[evaluation][own] = {at, double(level_)};
  put(inputs_, evaluation, offset, x_t);
  put(x0_, evaluation, offset, denoised.x0);
  put(eps_, evaluation, offset, eps_of(denoised, x_t, at));
}

void Trajectory::write(const std::string& path) const {
  const bool alone = counts_.size() > 1;
  std::vector<std::size_t> shape{places_.size()};
  if (alone) shape.push_back(counts_.size());
  const auto of_places = [&](auto value) {
    std::vector<double> values;
    for (const auto& evaluation : places_)
      for (const Place& place : evaluation) values.push_back(value(place));
    return float64(values, shape);
  };
  std::vector<std::pair<std::string, std::string>> members{
      {"x", npy_bytes(stacked(states_))},
      {"x_in", npy_bytes(stacked(inputs_))},
      {"x0", npy_bytes(stacked(x0_))},
      {"eps", npy_bytes(stacked(eps_))},
      {"alpha", of_places([](const Place& place) { return place.at.alpha; })},
      {"sigma", of_places([](const Place& place) { return place.at.sigma; })},
      {"timestep", of_places([](const Place& place) { return place.at.timestep; })},
      {"step", of_places([](const Place& place) { return place.step; })}};
  if (alone)
    members.emplace_back("evaluations",
                         float64({counts_.begin(), counts_.end()}, {counts_.size()}));
  write_npz(path, members);
}

}  // namespace diffusion
