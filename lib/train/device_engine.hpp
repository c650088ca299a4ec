// Steps on devices: each takes its share of a batch through the network, and all keep the state.
#pragma once
#include <deque>
#include <vector>

#include "lib/models/device_network.hpp"
#include "lib/train/config.hpp"
#include "lib/train/device_program.hpp"
#include "lib/train/step_engine.hpp"
#include "lib/train/training_device.hpp"

namespace diffusion {

class DeviceEngine final : public StepEngine {
 public:
  /// What the engine is made of, all of which must outlive it.
  struct Parts {
    const TrainConfig& config;
    const TrainingSet& images;
    BatchMaker& batches;
    TrainingState& state;
  };

  /// Compiles what a step runs. Throws Error where the network is not written down as a graph,
  /// where batches do not divide into equal parts, or where memory does not suffice.
  DeviceEngine(const Parts& parts, const TrainingDevice& device);

  void begin(std::span<const BatchMaker::Example> examples, double learning_rate) override;
  StepOutcome end() override;
  bool runs_ahead() const override { return true; }
  /// Takes it when the next step begins.
  void load() override;
  void store() override;
  const Network& network() const override;

 private:
  /// What a device keeps: the groups of those names in device_program.hpp.
  struct Replica {
    std::vector<xla::Buffer> state, sums;
  };
  /// A result on its way here. Members are destroyed last first.
  struct Download {
    xla::Buffer buffer;
    std::vector<float> values;
    xla::Pending pending;

    explicit Download(xla::Buffer of);
  };
  struct Begun {
    std::vector<BatchMaker::Example> examples;
    std::vector<Download> losses;  // of the parts of the batch, in their order
    std::vector<Download> report;  // one
  };

  const nn::Graph& graph() const { return *parts_.state.network->graph(); }
  std::size_t accumulate() const { return parts_.config.accumulate; }
  void compile(const TrainingDevice& device);
  void upload();
  xla::Buffer upload(std::span<const float> values, int device) const;
  std::vector<std::vector<xla::Buffer>> batches_on(const Begun& step, std::size_t part) const;
  std::vector<xla::Buffer> rates(double learning_rate) const;
  void run_whole(Begun& step, double learning_rate);
  void run_parts(Begun& step, double learning_rate);
  std::vector<xla::Buffer> add_part(const Begun& step, std::size_t part);
  xla::Buffer finish(double learning_rate);

  Parts parts_;
  std::shared_ptr<xla::Client> client_;
  StepPlan plan_;
  xla::Executable step_, add_, finish_;
  std::vector<Replica> replicas_;  // none: the state is to be taken anew
  std::deque<Begun> under_way_;
  std::unique_ptr<DeviceNetwork> evaluated_;  // with weights of an earlier state
};

}  // namespace diffusion
