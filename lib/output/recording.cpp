#include "lib/output/recording.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "lib/noise/combine.hpp"

namespace diffusion {
namespace {

/// At most `count` of 0, ..., `last`, spread evenly, both ends included.
std::vector<std::size_t> spread(std::size_t last, std::size_t count) {
  count = std::min(count, last + 1);
  std::vector<std::size_t> steps(count);
  for (std::size_t i = 0; i < count; ++i) steps[i] = (2 * i * last + count - 1) / (2 * (count - 1));
  return steps;
}

Tensor as_shown(const Tensor& x, const NoiseLevel& at) {
  return combine(1 / std::hypot(at.alpha, at.sigma), x, 0, x);
}

}  // namespace

Recording::Recording(const RecordingRequest& request)
    : grid_(request.grid),
      samples_(request.samples),
      steps_(spread(grid_.size() - 1, request.frames)),
      states_(request.shape, steps_.size() * samples_),
      estimates_(request.shape, steps_.size() * samples_) {
  assert(request.frames >= 2 && grid_.size() >= 2);
}

GenerateWatch Recording::watch() {
  return {.at_level = [this](std::size_t offset, std::uint32_t index,
                             const Tensor& x) { at_level(offset, index, x); },
          .evaluated = [this](std::size_t offset, const Tensor&, const NoiseLevel&,
                              const Denoised& denoised) { evaluated(offset, denoised.x0); }};
}

void Recording::at_level(std::size_t offset, std::uint32_t index, const Tensor& x) {
  awaits_estimate_ = false;
  const auto step = std::ranges::lower_bound(steps_, index);
  if (offset >= samples_ || step == steps_.end() || *step != index) return;
  frame_ = std::size_t(step - steps_.begin());
  const Tensor shown = as_shown(x, grid_[index]);
  put(states_, offset, shown);
  if (index + 1 == grid_.size()) put(estimates_, offset, shown);
  awaits_estimate_ = true;
}

void Recording::evaluated(std::size_t offset, const Tensor& x0) {
  if (std::exchange(awaits_estimate_, false)) put(estimates_, offset, x0);
}

void Recording::put(KeptPictures& kept, std::size_t offset, const Tensor& pictures) {
  const std::size_t each = pictures.size() / pictures.shape(0);
  const std::size_t end = std::min(samples_, offset + pictures.shape(0));
  for (std::size_t n = offset; n < end; ++n)
    kept.put(frame_ * samples_ + n, pictures.data() + (n - offset) * each);
}

}  // namespace diffusion
