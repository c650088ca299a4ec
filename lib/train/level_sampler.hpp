// Which noise level each example of a batch is trained at.
#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/params.hpp"

namespace diffusion {

/// What a choice may depend on: a uniform draw of the example's own, and where it
/// stands among how many.
struct LevelDraw {
  double uniform;  // in [0, 1)
  std::size_t place, batch;
};

/// A point of [0, 1): step t = 1 + floor(point T).
using LevelSampler = std::function<double(const LevelDraw&)>;

struct LevelSamplerInfo {
  std::string_view name, summary, reference;
  LevelSampler (*make)(Params& params);
};

/// uniform, stratified.
std::span<const LevelSamplerInfo> level_samplers();
LevelSampler make_level_sampler(const std::string& spec);  // throws Error

}  // namespace diffusion
