#include "lib/train/level_sampler.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/registry.hpp"

namespace diffusion {
namespace {

LevelSampler make_uniform(Params&) {
  return [](const LevelDraw& draw) { return draw.uniform; };
}

LevelSampler make_stratified(Params&) {
  return [](const LevelDraw& draw) {
    const double point = (double(draw.place) + draw.uniform) / double(draw.batch);
    return std::min(point, std::nextafter(1.0, 0.0));  // the last part's end may round to 1
  };
}

constexpr LevelSamplerInfo rows[] = {
    {"uniform", "each step as likely as any other", "Ho et al. 2020", make_uniform},
    {"stratified", "uniform, but one from each of as many equal parts as the batch has images",
     "Kingma et al. 2021", make_stratified},
};

}  // namespace

std::span<const LevelSamplerInfo> level_samplers() { return rows; }

LevelSampler make_level_sampler(const std::string& spec) {
  return make_from(level_samplers(), spec, "level sampler");
}

}  // namespace diffusion
