// Steps on the processor: lanes of a batch on threads, runs of lanes on ranks.
#pragma once
#include <vector>

#include "lib/train/config.hpp"
#include "lib/train/lane_sums.hpp"
#include "lib/train/step_engine.hpp"
#include "lib/train/variational_loss.hpp"
#include "lib/train/weight_shares.hpp"

namespace diffusion {

class ProcessorEngine final : public StepEngine {
 public:
  /// All that it is given must outlive it. Throws Error where the lanes are not to be shared by so
  /// many ranks, or where the precision is not the processor's.
  ProcessorEngine(const TrainConfig& config, BatchMaker& batches, WeightShares& shares,
                  TrainingState& state);

  void begin(std::span<const BatchMaker::Example> examples, double learning_rate) override;
  StepOutcome end() override { return std::move(outcome_); }
  bool runs_ahead() const override { return false; }
  void load() override {}
  void store() override {}
  const Network& network() const override { return *state_.network; }

 private:
  const Ranks& ranks() const { return shares_.ranks(); }
  double loss_of(const Batch& batch, const nn::Tensor& output, const nn::Tensor& derivative,
                 std::span<double> each) const;
  void forward_backward(std::span<const BatchMaker::Example> examples);
  double forward_backward(const Batch& batch, std::span<float> gradients,
                          std::span<double> losses) const;
  void update(std::span<const float> own_gradients, double learning_rate, double scale);

  const TrainConfig& config_;
  BatchMaker& batches_;
  WeightShares& shares_;
  TrainingState& state_;
  LossKind loss_;
  std::vector<Range> lanes_;  // of each batch
  std::vector<Range> lanes_by_rank_, examples_by_rank_;
  LaneSums gradients_;        // of the own lanes
  std::vector<Range> fixed_;  // weights that stay as they are
  StepOutcome outcome_;
};

}  // namespace diffusion
