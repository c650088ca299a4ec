// Batches of noised images, in the order that the seed sets.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "lib/nn/tensor.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/schedule/schedule.hpp"
#include "lib/train/draws.hpp"
#include "lib/train/level_sampler.hpp"
#include "lib/train/loss_weight.hpp"
#include "lib/train/training_set.hpp"

namespace diffusion {

/// What a step needs: what the network sees, what it should say, and how much
/// each image counts.
struct Batch {
  nn::Tensor x, target;  // N x H x W x C
  std::vector<float> timesteps, weights;
  std::vector<ChosenLevel> levels;
};

/// How examples are made from images.
struct Objective {
  Schedule schedule;
  Prediction prediction;
  LossWeight weight;
  LevelSampler levels;
  bool flip;
};

/// Makes the batch of examples `first` .. `first` + `count` - 1: a pure function of
/// the seed and these numbers. Epochs follow each other without a gap.
class BatchMaker {
 public:
  /// `images` must outlive it. Throws Error where the schedule and the prediction
  /// do not go together.
  BatchMaker(const TrainingSet& images, Objective objective, std::uint64_t seed);

  const Objective& objective() const { return objective_; }

  /// `history`: of the losses at each step, for the level samplers that look at them.
  Batch make(std::uint64_t first, std::size_t count, const LossHistory& history = LossHistory());

 private:
  std::uint32_t image_of(std::uint64_t example);
  void fill(std::uint64_t example, std::uint32_t image, const NoiseLevel& level, std::span<float> x,
            std::span<float> target) const;

  const TrainingSet& images_;
  Objective objective_;
  TrainingDraws draws_;
  std::uint64_t epoch_ = ~std::uint64_t(0);
  std::vector<std::uint32_t> order_;  // of that epoch
};

}  // namespace diffusion
