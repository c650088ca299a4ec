// Which noise level each example of a batch is trained at.
#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/params.hpp"
#include "lib/schedule/schedule.hpp"
#include "lib/train/loss_history.hpp"

namespace diffusion {

/// What a choice may depend on: a uniform draw of the example's own, and where it
/// stands among how many.
struct LevelDraw {
  double uniform;  // in [0, 1)
  std::size_t place, batch;
};

/// A level of the schedule or between its steps, and the factor that makes up for its
/// being chosen more often or less than uniformly; 1 where that is the objective itself.
struct ChosenLevel {
  NoiseLevel level;
  std::size_t step;  // of the table, from 0: the level's own, or the next noisier one
  double factor = 1;
};

using LevelSampler =
    std::function<ChosenLevel(const LevelDraw&, const Schedule&, const LossHistory&)>;

/// Whether a sampler looks at the losses so far.
enum class Memory { none, losses };

struct LevelSamplerInfo {
  std::string_view name, summary, reference;
  LevelSampler (*make)(Params& params);
  Memory memory = Memory::none;
};

std::span<const LevelSamplerInfo> level_samplers();
LevelSampler make_level_sampler(const std::string& spec);  // throws Error
Memory memory_of_level_sampler(const std::string& spec);   // throws Error

/// The number that a standard normal stays below with probability p in [0, 1].
double normal_quantile(double p);

}  // namespace diffusion
