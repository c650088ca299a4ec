// Training, one step at a time.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/models/checkpoint.hpp"
#include "lib/models/network.hpp"
#include "lib/train/batch.hpp"
#include "lib/train/config.hpp"
#include "lib/train/learning_rate.hpp"
#include "lib/train/step_engine.hpp"
#include "lib/train/training_device.hpp"
#include "lib/train/weight_shares.hpp"

namespace diffusion {

/// What one step did.
struct StepReport {
  std::uint64_t step;  // counts from 1
  double loss, learning_rate, gradient_norm;
  bool skipped;  // loss or gradient was not finite: the weights stay as they were
};

/// How far training has come: with the weights, the averages and the moments all
/// that the next step depends on.
struct TrainingProgress {
  std::uint64_t steps = 0, images = 0, skipped = 0;
  double mean_loss = 0;  // running mean over the last hundred steps or so
};

/// How a configuration makes examples.
Objective make_objective(const TrainConfig& config, Schedule schedule);

/// One of the ranks that train a model together. Each takes its own lanes of a batch through the
/// network, and keeps its own share of averages and moments; weights, progress and reports are the
/// same on all, and so are the bytes of the checkpoint for any number of them. All call step(),
/// with_average() and save() together.
class Trainer {
 public:
  /// `images` must outlive it. `config` is kept for the record in the model file. Throws Error
  /// where its lanes are not to be shared by so many ranks, or what DeviceEngine throws.
  Trainer(std::unique_ptr<Network> network, const TrainingSet& images, Schedule schedule,
          const Json& config, Ranks ranks = {}, const TrainingDevice& device = {});
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// Takes up where `file` stopped. Throws Error when it holds no moments.
  void restore(const ModelFile& file);

  /// Throws Error after too many steps in a row that had to be skipped. Where a further step
  /// follows with nothing in between, a device may begin it before this one has ended.
  enum class Next { waits, follows };
  StepReport step(Next next = Next::waits);
  /// Whether the next step has begun: it has to end before anything else is asked.
  bool under_way() const { return !under_way_.empty(); }

  const TrainingProgress& progress() const { return progress_; }
  /// Up to now; above 0 the weights may be what made them so.
  std::uint64_t skipped_in_a_row() const { return skipped_in_a_row_; }
  const Ranks& ranks() const { return shares_.ranks(); }
  const TrainConfig& config() const { return config_; }
  const Network& network() const { return *state_.network; }
  const TrainingSet& images() const { return images_; }
  const Schedule& schedule() const { return batches_.schedule(); }

  /// Lends the network with the weights that are sampled: the average of the highest
  /// rate where there is one. The next step sees the others as they were.
  void with_average(const std::function<void(const Network&)>& use);

  /// Writes the checkpoint, atomically; the first rank does. A snapshot has no more than the
  /// weights and their power-function averages: training cannot go on from it.
  enum class Saved { checkpoint, snapshot };
  void save(const std::string& path, Saved what = Saved::checkpoint) const;

 private:
  /// A step under way.
  struct Begun {
    std::vector<BatchMaker::Example> examples;
    double learning_rate;
  };

  std::unique_ptr<StepEngine> make_engine(const TrainingDevice& device);
  void begin_step();
  void remember(std::span<const BatchMaker::Example> examples, std::span<const double> losses);
  void count(const StepOutcome& outcome);
  void read_own(const ModelFile& file, const std::string& prefix, std::span<float> own) const;
  using SharedSets = std::map<std::string, std::span<const float>>;  // by prefix
  SharedSets shared_sets(Saved what) const;
  void write(const std::string& path, const SharedSets& shared,
             std::vector<SafetensorsArray> state) const;
  ModelDescription description() const;

  Json config_json_;
  TrainConfig config_;
  const TrainingSet& images_;
  Json schedule_json_;
  BatchMaker batches_;
  LearningRate learning_rate_;
  WeightShares shares_;
  TrainingState state_;
  std::unique_ptr<StepEngine> engine_;
  LossHistory history_;  // empty where the level sampler has no use for it
  std::deque<Begun> under_way_;
  TrainingProgress progress_;
  std::uint64_t skipped_in_a_row_ = 0;
};

}  // namespace diffusion
