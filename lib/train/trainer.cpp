#include "lib/train/trainer.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/parallel.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "lib/train/gradient_norm.hpp"
#include "lib/train/loss.hpp"

namespace diffusion {
namespace {

constexpr std::uint64_t most_skipped_in_a_row = 20;
constexpr double loss_memory = 0.99;

}  // namespace

Objective make_objective(const TrainConfig& config, Schedule schedule) {
  return {.schedule = std::move(schedule),
          .prediction = config.prediction,
          .weight = make_loss_weight(config.weight),
          .levels = make_level_sampler(config.levels),
          .flip = config.data.flip,
          .shift = config.data.shift,
          .label_dropout = config.label_dropout};
}

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

Trainer::Trainer(std::unique_ptr<Network> network, const TrainingSet& images, Schedule schedule,
                 const Json& config, Ranks ranks)
    : config_json_(config),
      config_(parse_config(config)),
      network_(std::move(network)),
      images_(images),
      schedule_json_(schedule_to_json(schedule)),
      batches_(images, make_objective(config_, std::move(schedule)), config_.seed),
      loss_(make_loss_kind(config_.loss)),
      learning_rate_{config_.learning_rate, config_.warmup, config_.steps,
                     make_decay(config_.decay)},
      shares_(std::move(ranks), network_->parameters().size()),
      adam_(shares_.own().count),
      lanes_(cut_into_lanes(config_.batch, config_.lanes)),
      lanes_by_rank_(lanes_of_ranks(lanes_.size(), this->ranks().count)),
      examples_by_rank_(examples_of(lanes_, lanes_by_rank_)),
      gradients_(lanes_by_rank_[this->ranks().rank].count, network_->parameters().size()) {
  if (memory_of_level_sampler(config_.levels) == Memory::losses)
    history_ = LossHistory(batches_.objective().schedule.steps());
  network_->compute_in(config_.precision);
  const auto weights = shares_.own_of(network_->parameters().values());
  for (const double rate : config_.ema)
    averages_.push_back({rate, {weights.begin(), weights.end()}});
}

double Trainer::loss_of(const Batch& batch, const nn::Tensor& output, const nn::Tensor& derivative,
                        std::span<double> each) const {
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
double Trainer::forward_backward(std::span<const BatchMaker::Example> examples) {
  std::vector<double> sums(lanes_.size()), losses(examples.size());
  const Range own = lanes_by_rank_[ranks().rank];
  parallel_for(own.count, [&](std::size_t i) {
    const OneThread alone;  // where there is a single lane, too
    const auto [first, count] = lanes_[own.first + i];
    const Batch batch = batches_.batch_of(examples.subspan(first, count), examples.size());
    sums[own.first + i] =
        forward_backward(batch, gradients_.begin(i), std::span(losses).subspan(first, count));
    gradients_.end(i);
  });
  gather<double>(ranks(), lanes_by_rank_, sums);
  if (history_.steps() > 0) {
    gather<double>(ranks(), examples_by_rank_, losses);
    remember(examples, losses);
  }
  return tree_sum(sums);
}

/// `losses`: of each image, without the factor that makes up for the choice of its level.
double Trainer::forward_backward(const Batch& batch, std::span<float> gradients,
                                 std::span<double> losses) const {
  nn::Tape tape(gradients);
  tape.draws = {NoiseSource(config_.seed, "diff-train").key(), batch.first};
  const nn::Tensor output = network_->forward(batch.x, batch.timesteps, batch.labels, &tape);
  const nn::Tensor derivative(output.dims());
  const double loss = loss_of(batch, output, derivative, losses);
  for (std::size_t n = 0; n < losses.size(); ++n) losses[n] /= batch.levels[n].factor;
  network_->backward(derivative, tape);
  assert(tape.empty());
  return loss;
}

void Trainer::remember(std::span<const BatchMaker::Example> examples,
                       std::span<const double> losses) {
  for (std::size_t n = 0; n < losses.size(); ++n)
    if (std::isfinite(losses[n])) history_.add(examples[n].at.step, float(losses[n]));
}

void Trainer::update(std::span<const float> own_gradients, double learning_rate, double scale) {
  nn::Parameters& weights = network_->parameters();
  const auto own = shares_.own_of(weights.values());
  adam_update(own, own_gradients, adam_, config_.adam, {learning_rate, scale});
  for (WeightAverage& average : averages_)
    ema_update(average.values, own, ema_decay(average.rate, adam_.updates));
  shares_.gather(weights.values());
  weights.touch();
}

StepReport Trainer::step() {
  const auto examples = batches_.examples(progress_.images, config_.batch, history_);
  const auto& [first, count] = examples_by_rank_[ranks().rank];
  batches_.expect(progress_.images + config_.batch + first, count);
  const double loss = forward_backward(examples);
  const auto gradients = shares_.sum(gradients_.total());
  const double norm = shares_.norm(gradients);
  const double rate = learning_rate_.at(progress_.steps);
  const bool sound = std::isfinite(loss) && std::isfinite(norm);
  progress_.steps += 1;
  progress_.images += config_.batch;
  if (sound) {
    update(gradients, rate, clip_scale(norm, config_.clip));
    const double keep = adam_.updates == 1 ? 0 : ema_decay(loss_memory, adam_.updates);
    progress_.mean_loss = keep * progress_.mean_loss + (1 - keep) * loss;
    skipped_in_a_row_ = 0;
  } else {
    progress_.skipped += 1;
    if (++skipped_in_a_row_ == most_skipped_in_a_row)
      throw Error("the loss was not finite for " + std::to_string(most_skipped_in_a_row) +
                  " steps in a row, up to step " + std::to_string(progress_.steps) +
                  "; a lower `lr`, a longer `warmup` or a smaller train.clip may help");
  }
  return {progress_.steps, loss, rate, norm, !sound};
}

void Trainer::with_average(const std::function<void(const Network&)>& use) {
  if (averages_.empty()) return use(*network_);
  nn::Parameters& weights = network_->parameters();
  const auto swap = [&] {
    std::ranges::swap_ranges(shares_.own_of(weights.values()), averages_.front().values);
    weights.touch();
  };
  const auto swap_on_all = [&] {
    swap();
    shares_.gather(weights.values());
    weights.touch();
  };
  swap_on_all();
  try {
    use(*network_);
  } catch (...) {
    swap();  // other ranks know nothing of it and would not answer
    throw;
  }
  swap_on_all();
}

}  // namespace diffusion
