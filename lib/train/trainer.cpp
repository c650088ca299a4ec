#include "lib/train/trainer.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/parallel.hpp"
#include "lib/base/version.hpp"
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

std::uint64_t count_in(const ModelFile& file, const char* key) {
  return std::uint64_t(file.training()[key].whole());
}

}  // namespace

Trainer::Trainer(std::unique_ptr<Network> network, const TrainingSet& images, Schedule schedule,
                 const Json& config)
    : config_json_(config),
      config_(parse_config(config)),
      network_(std::move(network)),
      images_(images),
      schedule_json_(schedule_to_json(schedule)),
      batches_(images, make_objective(config_, std::move(schedule)), config_.seed),
      loss_(make_loss_kind(config_.loss)),
      learning_rate_{config_.learning_rate, config_.warmup, config_.steps,
                     make_decay(config_.decay)},
      adam_(network_->parameters().size()),
      lanes_(cut_into_lanes(config_.batch, config_.lanes)),
      gradients_(lanes_.size(), network_->parameters().size()) {
  if (memory_of_level_sampler(config_.levels) == Memory::losses)
    history_ = LossHistory(batches_.objective().schedule.steps());
  network_->compute_in(config_.precision);
  const auto weights = network_->parameters().values();
  for (const double rate : config_.ema)
    averages_.push_back({rate, {weights.begin(), weights.end()}});
}

void Trainer::restore(const ModelFile& file) {
  nn::Parameters& names = network_->parameters();
  file.read("", names, names.values());
  names.touch();
  for (WeightAverage& average : averages_)
    file.read(ema_prefix(average.rate), names, average.values);
  file.read(adam_mean_prefix, names, adam_.mean);
  file.read(adam_square_prefix, names, adam_.square);
  if (history_.steps() > 0) file.read_state(loss_history_name, history_.state());
  adam_.updates = count_in(file, "updates");
  const auto mean_loss = file.training().find("mean_loss");
  progress_ = {.steps = count_in(file, "steps"),
               .images = count_in(file, "images"),
               .skipped = count_in(file, "skipped"),
               .mean_loss = mean_loss ? mean_loss->number() : 0};
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
  parallel_for(lanes_.size(), [&](std::size_t i) {
    const OneThread alone;  // where there is a single lane, too
    const auto [first, count] = lanes_[i];
    const Batch batch = batches_.batch_of(examples.subspan(first, count), examples.size());
    sums[i] = forward_backward(batch, gradients_.begin(i), std::span(losses).subspan(first, count));
    gradients_.end(i);
  });
  remember(examples, losses);
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
  if (history_.steps() == 0) return;
  for (std::size_t n = 0; n < losses.size(); ++n)
    if (std::isfinite(losses[n])) history_.add(examples[n].at.step, float(losses[n]));
}

void Trainer::update(std::span<const float> gradients, double learning_rate, double scale) {
  nn::Parameters& weights = network_->parameters();
  adam_update(weights.values(), gradients, adam_, config_.adam, {learning_rate, scale});
  weights.touch();
  for (WeightAverage& average : averages_)
    ema_update(average.values, weights.values(), ema_decay(average.rate, adam_.updates));
}

StepReport Trainer::step() {
  const double loss =
      forward_backward(batches_.examples(progress_.images, config_.batch, history_));
  const auto gradients = gradients_.total();
  const double norm = gradient_norm(gradients);
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

ModelDescription Trainer::description() const {
  return {.model = network_->config(),
          .schedule = schedule_json_,
          .objective = config_json_["objective"],
          .data = {{"size", {images_.height(), images_.width()}},
                   {"channels", images_.channels()},
                   {"images", images_.size()},
                   {"classes", images_.classes()},
                   {"label_names", images_.label_names}},
          .training = {{"steps", progress_.steps},
                       {"images", progress_.images},
                       {"updates", adam_.updates},
                       {"skipped", progress_.skipped},
                       {"mean_loss", number_to_json(progress_.mean_loss)},
                       {"config", config_json_},
                       {"tool", "diff-train " + std::string(version())}}};
}

void Trainer::with_average(const std::function<void(const Network&)>& use) {
  struct Exchange {  // there, and back whatever happens
    Trainer& trainer;
    explicit Exchange(Trainer& of) : trainer(of) { swap(); }
    ~Exchange() { swap(); }
    void swap() {
      if (trainer.averages_.empty()) return;
      nn::Parameters& weights = trainer.network_->parameters();
      std::ranges::swap_ranges(weights.values(), trainer.averages_.front().values);
      weights.touch();
    }
  };
  const Exchange exchange(*this);
  use(*network_);
}

void Trainer::save(const std::string& path) const {
  std::vector<WeightSet> sets = {{"", network_->parameters().values()},
                                 {adam_mean_prefix, adam_.mean},
                                 {adam_square_prefix, adam_.square}};
  for (const WeightAverage& average : averages_)
    sets.push_back({ema_prefix(average.rate), average.values});
  std::vector<SafetensorsArray> state;
  if (history_.steps() > 0)
    state.push_back(safetensors_array(loss_history_name, {history_.steps(), LossHistory::kept + 1},
                                      history_.state()));
  write_model_file(path, description(), network_->parameters(), sets, std::move(state));
}

}  // namespace diffusion
