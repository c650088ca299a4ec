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
  std::vector<int> labels;  // as the network numbers them; empty without classes
  std::uint64_t first = 0;  // example
};

/// How examples are made from images.
struct Objective {
  Schedule schedule;
  Prediction prediction;
  LossWeight weight;
  LevelSampler levels;
  bool flip;
  int shift = 0;             // by at most so many pixels each way
  double label_dropout = 0;  // how often a label is replaced by the null class
};

/// Makes batches of consecutive examples: a pure function of the seed and their numbers.
/// Epochs follow each other without a gap.
class BatchMaker {
 public:
  /// `images` must outlive it. Throws Error where the schedule and the prediction
  /// do not go together.
  BatchMaker(const TrainingSet& images, Objective objective, std::uint64_t seed);

  const Objective& objective() const { return objective_; }

  const Schedule& schedule() const { return objective_.schedule; }

  /// One example: the address of its draws, which image, and at which level.
  struct Example {
    std::uint64_t id;
    std::size_t image;
    ChosenLevel at;
  };
  /// Examples `first` .. `first` + `count` - 1, which make a batch. `history`: of the losses at
  /// each step, for the level samplers that look at them.
  std::vector<Example> examples(std::uint64_t first, std::size_t count,
                                const LossHistory& history = LossHistory());
  /// Reads streamed images ahead that examples `first` .. `first` + `count` - 1 will show.
  void expect(std::uint64_t first, std::size_t count);
  /// From any thread. Of a part of a batch of `whole` examples weights are lowered by its share,
  /// so that losses and gradients of all parts add up to those of the whole.
  Batch batch_of(std::span<const Example> examples, std::size_t whole) const;
  Batch batch_of(std::span<const Example> examples) const {
    return batch_of(examples, examples.size());
  }

 private:
  std::uint32_t image_of(std::uint64_t example);
  int label_of(std::uint64_t example, std::size_t image) const;
  void fill(const Example& example, std::span<float> x, std::span<float> target) const;

  const TrainingSet& images_;
  Objective objective_;
  TrainingDraws draws_;
  int null_class_;  // 0: there are no classes
  std::uint64_t epoch_ = ~std::uint64_t(0);
  std::vector<std::uint32_t> order_;  // of that epoch
};

}  // namespace diffusion
