#include "lib/train/processor_engine.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/parallel.hpp"
#include "lib/train/fixed_weights.hpp"
#include "lib/train/gradient_norm.hpp"
#include "lib/train/loss.hpp"

namespace diffusion {
namespace {

void put_first_channels(const nn::Tensor& first, const nn::Tensor& both) {
  const auto channels = std::size_t(first.dims().c);
  for (std::size_t i = 0; i < first.count(); ++i)
    both.floats()[2 * i - i % channels] = first.floats()[i];
}

/// The examples in each run of lanes.
std::vector<Range> examples_of(std::span<const Range> lanes, std::span<const Range> runs) {
  std::vector<Range> examples;
  for (const auto& [first, count] : runs) {
    const Range& last = lanes[first + count - 1];
    examples.push_back({lanes[first].first, last.first + last.count - lanes[first].first});
  }
  return examples;
}

}  // namespace

ProcessorEngine::ProcessorEngine(const TrainConfig& config, BatchMaker& batches,
                                 WeightShares& shares, TrainingState& state)
    : config_(config),
      batches_(batches),
      shares_(shares),
      state_(state),
      loss_(make_loss_kind(config.loss)),
      lanes_(cut_into_lanes(config.batch, config.lanes)),
      lanes_by_rank_(lanes_of_ranks(lanes_.size(), ranks().count)),
      examples_by_rank_(examples_of(lanes_, lanes_by_rank_)),
      gradients_(lanes_by_rank_[ranks().rank].count, state.network->parameters().size()) {
  if (const nn::Graph* const graph = state.network->graph()) fixed_ = fixed_weights(*graph);
  if (config.tf32)
    throw Error(
        "`precision` tf32 is for devices; on the processor say `precision` float32 or bf16");
  state_.network->compute_in(config.precision);
}

void ProcessorEngine::begin(std::span<const BatchMaker::Example> examples, double learning_rate) {
  const auto& [first, count] = examples_by_rank_[ranks().rank];
  batches_.expect(examples.front().id + config_.batch + first, count);
  forward_backward(examples);
  const auto gradients = shares_.sum(gradients_.total());
  outcome_.gradient_norm = shares_.norm(gradients);
  outcome_.sound = std::isfinite(outcome_.loss) && std::isfinite(outcome_.gradient_norm);
  if (outcome_.sound)
    update(gradients, learning_rate, clip_scale(outcome_.gradient_norm, config_.clip));
}

double ProcessorEngine::loss_of(const Batch& batch, const nn::Tensor& output,
                                const nn::Tensor& derivative, std::span<double> each) const {
  if (!loss_.learns_variance()) {
    assert(output.dims() == batch.target.dims());
    return squared_error({output.floats(), batch.target.floats(), batch.weights},
                         derivative.floats(), each);
  }
  std::ranges::fill(derivative.floats(), 0.0f);
  double loss = 0;
  if (loss_.simple > 0) {
    const nn::Tensor said = first_channels(output, batch.target.dims()), slope(batch.target.dims());
    loss =
        squared_error({said.floats(), batch.target.floats(), batch.weights}, slope.floats(), each);
    put_first_channels(slope, derivative);
  }
  return loss + add_variational_bound(loss_, batches_.objective(), batch, output.floats(),
                                      derivative.floats(), each);
}

/// Lanes make their examples themselves, so that no thread waits for the rest of the batch.
void ProcessorEngine::forward_backward(std::span<const BatchMaker::Example> examples) {
  std::vector<double> sums(lanes_.size());
  outcome_.losses.resize(examples.size());
  const Range own = lanes_by_rank_[ranks().rank];
  parallel_for(own.count, [&](std::size_t i) {
    const OneThread alone;  // where there is a single lane, too
    const auto [first, count] = lanes_[own.first + i];
    const Batch batch = batches_.batch_of(examples.subspan(first, count), examples.size());
    sums[own.first + i] = forward_backward(batch, gradients_.begin(i),
                                           std::span(outcome_.losses).subspan(first, count));
    gradients_.end(i);
  });
  gather<double>(ranks(), lanes_by_rank_, sums);
  if (memory_of_level_sampler(config_.levels) == Memory::losses)
    gather<double>(ranks(), examples_by_rank_, outcome_.losses);
  outcome_.loss = tree_sum(sums);
}

/// `losses`: of each image, without the factor that makes up for the choice of its level.
double ProcessorEngine::forward_backward(const Batch& batch, std::span<float> gradients,
                                         std::span<double> losses) const {
  nn::Tape tape(gradients);
  tape.draws = {NoiseSource(config_.seed, "diff-train").key(), batch.first};
  tape.recomputes = config_.recompute;
  const nn::Tensor output = network().forward(batch.x, batch.timesteps, batch.labels, &tape);
  const nn::Tensor derivative(output.dims());
  const double loss = loss_of(batch, output, derivative, losses);
  for (std::size_t n = 0; n < losses.size(); ++n) losses[n] /= batch.levels[n].factor;
  network().backward(derivative, tape);
  assert(tape.empty());
  return loss;
}

void ProcessorEngine::update(std::span<const float> own_gradients, double learning_rate,
                             double scale) {
  nn::Parameters& weights = state_.network->parameters();
  const auto own = shares_.own_of(weights.values());
  const KeptWeights kept(fixed_, own, shares_.own().first);
  adam_update(own, own_gradients, state_.adam, config_.adam, {learning_rate, scale});
  kept.restore();
  for (WeightAverage& average : state_.averages) take_in(average, own, state_.adam.updates);
  shares_.gather(weights.values());
  weights.touch();
}

}  // namespace diffusion
