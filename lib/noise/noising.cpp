#include "lib/noise/noising.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "lib/noise/forward.hpp"

namespace diffusion {
namespace {

/// The step that draws t itself: the bits of a NaN, which no level has.
constexpr std::uint32_t step_of_random_t = 0xffffffff;

Tensor draw(const Noising& noising, const Shape& shape, std::uint64_t id, std::uint32_t step) {
  Tensor eps(shape);
  noising.noise.fill({eps.data(), eps.size()}, id, step);
  return eps;
}

/// What takes x0 to x_t. The division magnifies rounding, so it is in double.
Tensor effective_eps(const Tensor& x, const Tensor& x0, const NoiseLevel& at) {
  Tensor eps(x.shape(), 0.f);
  if (at.clean()) return eps;
  for (std::size_t i = 0; i < x.size(); ++i)
    eps.data()[i] = float((double(x.data()[i]) - at.alpha * double(x0.data()[i])) / at.sigma);
  return eps;
}

/// From clean data to every step wanted, once along the chain.
void along_chain(const Noising& noising, const std::vector<LevelAsked>& levels, const Tensor& clean,
                 std::uint64_t id, const TakeVersion& take) {
  std::int64_t last = 0;
  for (const LevelAsked& asked : levels) last = std::max(last, asked.t.value());
  Tensor x = clean;
  for (std::int64_t t = 0; t <= last; ++t) {
    const NoiseLevel at = noising.schedule.at(t);
    if (t > 0)
      x = chain_step(x, draw(noising, x.shape(), id, std::uint32_t(t)), noising.schedule.at(t - 1),
                     at);
    for (std::size_t i = 0; i < levels.size(); ++i) {
      if (levels[i].t != t) continue;
      NoisyVersion version{x, std::nullopt};
      if (noising.eps == EpsOfVersions::kept) version.eps = effective_eps(x, clean, at);
      take(i, std::move(version));
    }
  }
}

void in_closed_form(const Noising& noising, const std::vector<LevelAsked>& levels,
                    const Tensor& clean, std::uint64_t id, const TakeVersion& take) {
  const bool kept = noising.eps == EpsOfVersions::kept;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const NoiseLevel& at = levels[i].level;
    if (at.clean()) {
      take(i, {clean, kept ? std::optional(Tensor(clean.shape(), 0.f)) : std::nullopt});
      continue;
    }
    Tensor eps = draw(noising, clean.shape(), id, levels[i].noise_step());
    Tensor x = noised(clean, eps, at);
    take(i, {std::move(x), kept ? std::optional(std::move(eps)) : std::nullopt});
  }
}

/// Copies `count` channels of every pixel.
void copy_channels(const Tensor& from, Tensor& to, std::size_t count) {
  const std::size_t a = from.shape(2), b = to.shape(2);
  for (std::size_t i = 0; i < from.size() / a; ++i)
    std::copy_n(from.data() + i * a, count, to.data() + i * b);
}

/// `colours` in place of those of `whole`.
Tensor recoloured(Tensor whole, const Tensor& colours) {
  copy_channels(colours, whole, colours.shape(2));
  return whole;
}

}  // namespace

std::uint32_t LevelAsked::noise_step() const {
  if (t) return std::uint32_t(*t);
  const float lambda = float(level.lambda);
  // The bits of numbers next to 0 would be those of steps.
  return std::fpclassify(lambda) == FP_SUBNORMAL ? 0 : std::bit_cast<std::uint32_t>(lambda + 0.f);
}

LevelAsked step_asked(const Schedule& schedule, std::int64_t t) {
  return {"t" + std::to_string(t), t, schedule.at(t)};
}

std::vector<LevelAsked> levels_of(const Noising& noising, std::uint64_t id) {
  if (!noising.random_step()) return noising.levels;
  const double share = noising.noise.uniform(id, step_of_random_t);
  return {step_asked(noising.schedule, 1 + std::int64_t(share * noising.schedule.steps()))};
}

void make_versions(const Noising& noising, const std::vector<LevelAsked>& levels,
                   const Tensor& clean, std::uint64_t id, const TakeVersion& take) {
  const auto forward = noising.process == ForwardProcess::chain ? along_chain : in_closed_form;
  const std::size_t channels = clean.shape(2);
  const bool opacity = channels == 2 || channels == 4;
  if (!opacity || noising.alpha == AlphaChannel::noised)
    return forward(noising, levels, clean, id, take);

  Tensor colours(Shape{clean.shape(0), clean.shape(1), channels - 1});
  copy_channels(clean, colours, channels - 1);
  forward(noising, levels, colours, id, [&](std::size_t index, NoisyVersion version) {
    version.x = recoloured(clean, version.x);
    if (version.eps) version.eps = recoloured(Tensor(clean.shape(), 0.f), *version.eps);
    take(index, std::move(version));
  });
}

}  // namespace diffusion
