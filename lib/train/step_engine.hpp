// What takes the steps of a training: the processor, or a device.
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "lib/models/network.hpp"
#include "lib/train/adam.hpp"
#include "lib/train/batch.hpp"
#include "lib/train/ema.hpp"

namespace diffusion {

/// All that steps change; each rank has its share of moments and averages.
struct TrainingState {
  std::unique_ptr<Network> network;
  AdamState adam;
  std::vector<WeightAverage> averages;
};

/// What one step did.
struct StepOutcome {
  double loss = 0, gradient_norm = 0;
  bool sound = false;          // whether both were finite: if not, the weights stayed as they were
  std::vector<double> losses;  // of each example, without the factor that makes up for the choice
                               // of its level; where level samplers ask for them
};

class StepEngine {
 public:
  virtual ~StepEngine() = default;

  /// Begins a step on a batch.
  virtual void begin(std::span<const BatchMaker::Example> examples, double learning_rate) = 0;
  /// Of the step that began first among those under way.
  virtual StepOutcome end() = 0;
  /// Whether a second step may begin before the first has ended.
  virtual bool runs_ahead() const = 0;

  /// The state was changed by others: where the engine has a copy, it takes it anew.
  virtual void load() = 0;
  /// Brings the state up to date, where the engine has it elsewhere.
  virtual void store() = 0;
  /// The network as the engine runs it, with the weights of the state's network.
  virtual const Network& network() const = 0;
};

}  // namespace diffusion
