#include "lib/noise/noising.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "lib/noise/forward.hpp"

namespace diffusion {
namespace {

Tensor draw(const Noising& noising, const Shape& shape, std::uint64_t id, std::int64_t step) {
  Tensor eps(shape);
  noising.noise.fill({eps.data(), eps.size()}, id, std::uint32_t(step));
  return eps;
}

/// From clean data to every step wanted, once along the chain.
std::vector<Tensor> along_chain(const Noising& noising, const Tensor& clean, std::uint64_t id) {
  std::map<std::int64_t, Tensor> reached;
  const auto& steps = noising.steps;
  const std::int64_t last = steps.empty() ? 0 : std::ranges::max(steps);
  Tensor x = clean;
  for (std::int64_t t = 0; t <= last; ++t) {
    if (t > 0)
      x = chain_step(x, draw(noising, x.shape(), id, t), noising.schedule.at(t - 1),
                     noising.schedule.at(t));
    if (std::ranges::find(steps, t) != steps.end()) reached.emplace(t, x);
  }
  std::vector<Tensor> versions;
  for (const std::int64_t t : steps) versions.push_back(std::move(reached.at(t)));
  return versions;
}

std::vector<Tensor> in_closed_form(const Noising& noising, const Tensor& clean, std::uint64_t id) {
  std::vector<Tensor> versions;
  for (const std::int64_t t : noising.steps)
    versions.push_back(
        t == 0 ? clean
               : noised(clean, draw(noising, clean.shape(), id, t), noising.schedule.at(t)));
  return versions;
}

/// Copies `count` channels of every pixel.
void copy_channels(const Tensor& from, Tensor& to, std::size_t count) {
  const std::size_t a = from.shape(2), b = to.shape(2);
  for (std::size_t i = 0; i < from.size() / a; ++i)
    std::copy_n(from.data() + i * a, count, to.data() + i * b);
}

}  // namespace

std::vector<Tensor> noisy_versions(const Noising& noising, const Tensor& clean, std::uint64_t id) {
  const auto forward = noising.process == ForwardProcess::chain ? along_chain : in_closed_form;
  const std::size_t channels = clean.shape(2);
  const bool opacity = channels == 2 || channels == 4;
  if (!opacity || noising.alpha == AlphaChannel::noised) return forward(noising, clean, id);

  Tensor colours(Shape{clean.shape(0), clean.shape(1), channels - 1});
  copy_channels(clean, colours, channels - 1);
  std::vector<Tensor> versions = forward(noising, colours, id);
  for (Tensor& version : versions) {
    Tensor whole = clean;
    copy_channels(version, whole, channels - 1);
    version = std::move(whole);
  }
  return versions;
}

}  // namespace diffusion
