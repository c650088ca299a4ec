#include "lib/noise/clip.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "lib/base/parallel.hpp"
#include "lib/base/registry.hpp"
#include "lib/noise/combine.hpp"
#include "lib/noise/wrappers.hpp"

namespace diffusion {
namespace {

/// Dynamic thresholding (Saharia et al. 2022, "Photorealistic Text-to-Image Diffusion
/// Models with Deep Language Understanding", Sec. 2.3): each sample is clipped to
/// [-s, s] and divided by s, its percentile of |x0|, which is at least 1 and at most
/// `most`, a limit that the paper does not have and diffusers does.
void threshold(Tensor& x0, double percentile, double most) {
  const std::size_t samples = x0.shape()[0], each = x0.size() / samples;
  parallel_for(samples, [&](std::size_t n) {
    const std::span<float> values(x0.data() + n * each, each);
    const auto s = float(std::clamp(absolute_quantile(values, percentile), 1.0, most));
    for (float& value : values) value = std::clamp(value, -s, s) / s;
  });
}

Clip make_none(Params&) {
  return [](Denoiser inner) { return inner; };
}

EpsOfLimited eps_from(Params& params) {
  return params.choice("eps", {"derived", "raw"}) == "raw" ? EpsOfLimited::raw
                                                           : EpsOfLimited::derived;
}

Clip make_static(Params& params) {
  const double range = params.number("range", 1);
  if (!(range > 0)) params.refuse("range", "must be positive");
  const auto most = float(range);
  return [=, eps = eps_from(params)](Denoiser inner) {
    return limited(
        std::move(inner), [=](Tensor& x0) { x0 = clamped(x0, -most, most); }, eps);
  };
}

Clip make_dynamic(Params& params) {
  const double percentile = params.number("percentile", 0.995);
  const double most = params.number("max", HUGE_VAL);
  if (!(percentile > 0 && percentile <= 1)) params.refuse("percentile", "must lie in (0, 1]");
  if (!(most >= 1)) params.refuse("max", "must be at least 1");
  return [=, eps = eps_from(params)](Denoiser inner) {
    return limited(
        std::move(inner), [=](Tensor& x0) { threshold(x0, percentile, most); }, eps);
  };
}

}  // namespace

std::span<const ClipInfo> clips() {
  static constexpr ClipInfo rows[] = {
      {"none", "estimates as they are", "", make_none},
      {"static", "limited to [-range, range], which is [-1, 1]", "Ho et al. 2020", make_static},
      {"dynamic", "limited to a percentile of each sample and divided by it",
       "Saharia et al. 2022, Sec. 2.3", make_dynamic},
  };
  return rows;
}

Clip make_clip(std::string_view spec) { return make_from(clips(), spec, "way to clip"); }

double absolute_quantile(std::span<const float> values, double percentile) {
  assert(!values.empty());
  std::vector<float> sizes(values.size());
  std::ranges::transform(values, sizes.begin(), [](float value) { return std::abs(value); });
  if (std::ranges::any_of(sizes, [](float size) { return std::isnan(size); })) return NAN;
  const double rank = percentile * double(sizes.size() - 1);
  const auto below = sizes.begin() + std::ptrdiff_t(rank);
  std::nth_element(sizes.begin(), below, sizes.end());
  const double low = *below, share = rank - std::floor(rank);
  if (share == 0) return low;
  return low + share * (*std::min_element(below + 1, sizes.end()) - low);
}

}  // namespace diffusion
