// Limits estimates of clean images that leave [-1, 1], where images lie.
#pragma once
#include <functional>
#include <span>
#include <string_view>

#include "lib/base/params.hpp"
#include "lib/noise/denoiser.hpp"

namespace diffusion {

/// Makes a denoiser of another, whose estimates of x0 it limits; eps follows from the
/// limited x0 again, or with eps=raw stays what the model said.
using Clip = std::function<Denoiser(Denoiser)>;

/// One row a way of limiting.
struct ClipInfo {
  std::string_view name, summary, reference;
  Clip (*make)(Params&);
};

std::span<const ClipInfo> clips();

/// From "dynamic:percentile=0.99". Throws Error for unknown names and parameters.
Clip make_clip(std::string_view spec);

/// The value that a share `percentile` of |values| does not exceed, linear between two
/// of them (numpy.quantile's default); NaN where one is. There must be some.
double absolute_quantile(std::span<const float> values, double percentile);

}  // namespace diffusion
