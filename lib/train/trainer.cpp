#include "lib/train/trainer.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "lib/train/device_engine.hpp"
#include "lib/train/processor_engine.hpp"

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

Trainer::Trainer(std::unique_ptr<Network> network, const TrainingSet& images, Schedule schedule,
                 const Json& config, Ranks ranks, const TrainingDevice& device)
    : config_json_(config),
      config_(parse_config(config)),
      images_(images),
      schedule_json_(schedule_to_json(schedule)),
      batches_(images, make_objective(config_, std::move(schedule)), config_.seed),
      learning_rate_{config_.learning_rate, config_.warmup, config_.steps,
                     make_decay(config_.decay)},
      shares_(std::move(ranks), network->parameters().size()),
      state_{std::move(network), AdamState(shares_.own().count), {}},
      engine_(make_engine(device)) {
  if (memory_of_level_sampler(config_.levels) == Memory::losses)
    history_ = LossHistory(batches_.objective().schedule.steps());
  const auto weights = shares_.own_of(state_.network->parameters().values());
  for (const Averaging& averaging : config_.averages)
    state_.averages.push_back({averaging, {weights.begin(), weights.end()}});
}

std::unique_ptr<StepEngine> Trainer::make_engine(const TrainingDevice& device) {
  if (!device.client) return std::make_unique<ProcessorEngine>(config_, batches_, shares_, state_);
  if (!ranks().alone())
    throw Error("ranks train on processors: start one process, which has all devices");
  return std::make_unique<DeviceEngine>(DeviceEngine::Parts{config_, images_, batches_, state_},
                                        device);
}

void Trainer::remember(std::span<const BatchMaker::Example> examples,
                       std::span<const double> losses) {
  for (std::size_t n = 0; n < losses.size(); ++n)
    if (std::isfinite(losses[n])) history_.add(examples[n].at.step, float(losses[n]));
}

void Trainer::begin_step() {
  Begun step{batches_.examples(progress_.images + under_way_.size() * config_.batch, config_.batch,
                               history_),
             learning_rate_.at(progress_.steps + under_way_.size())};
  engine_->begin(step.examples, step.learning_rate);
  under_way_.push_back(std::move(step));
}

StepReport Trainer::step(Next next) {
  if (under_way_.empty()) begin_step();
  if (next == Next::follows && engine_->runs_ahead() && history_.steps() == 0) begin_step();
  const StepOutcome outcome = engine_->end();
  const Begun step = std::move(under_way_.front());
  under_way_.pop_front();
  if (history_.steps() > 0) remember(step.examples, outcome.losses);
  progress_.steps += 1;
  progress_.images += config_.batch;
  count(outcome);
  return {progress_.steps, outcome.loss, step.learning_rate, outcome.gradient_norm, !outcome.sound};
}

void Trainer::count(const StepOutcome& outcome) {
  if (outcome.sound) {
    const std::uint64_t updates = progress_.steps - progress_.skipped;
    const double keep = updates == 1 ? 0 : ema_decay(loss_memory, updates);
    progress_.mean_loss = keep * progress_.mean_loss + (1 - keep) * outcome.loss;
    skipped_in_a_row_ = 0;
    return;
  }
  progress_.skipped += 1;
  if (++skipped_in_a_row_ == most_skipped_in_a_row)
    throw Error("the loss was not finite for " + std::to_string(most_skipped_in_a_row) +
                " steps in a row, up to step " + std::to_string(progress_.steps) +
                "; a lower `lr`, a longer `warmup` or a smaller train.clip may help");
}

void Trainer::with_average(const std::function<void(const Network&)>& use) {
  assert(under_way_.empty());
  engine_->store();
  if (state_.averages.empty()) return use(engine_->network());
  nn::Parameters& weights = state_.network->parameters();
  const auto swap = [&] {
    std::ranges::swap_ranges(shares_.own_of(weights.values()), state_.averages.front().values);
    weights.touch();
  };
  const auto swap_on_all = [&] {
    swap();
    shares_.gather(weights.values());
    weights.touch();
  };
  swap_on_all();
  try {
    use(engine_->network());
  } catch (...) {
    swap();  // other ranks know nothing of it and would not answer
    throw;
  }
  swap_on_all();
}

}  // namespace diffusion
