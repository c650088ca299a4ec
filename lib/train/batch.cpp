#include "lib/train/batch.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "lib/base/error.hpp"
#include "lib/base/parallel.hpp"
#include "lib/noise/precondition.hpp"

namespace diffusion {
namespace {

NetworkFace face_of(const Objective& objective) {
  return {objective.prediction, objective.schedule.path};
}

void check(const Objective& objective) {
  const NoiseLevel& last = objective.schedule.levels.back();
  const bool edm = objective.prediction == Prediction::edm;
  if (!x0_recovery(objective.prediction, last).invertible || (edm && last.pure_noise()))
    throw Error("the schedule " + objective.schedule.family + " ends in pure noise, from where " +
                std::string(name_of(objective.prediction)) +
                " prediction cannot be inverted; `prediction` v can");
}

/// Weights that are not finite at a step of the schedule are none between them either.
void check_weights(const Objective& objective) {
  for (std::size_t i = 0; i < objective.schedule.levels.size(); ++i)
    if (!std::isfinite(objective.weight(objective.prediction, objective.schedule.levels[i])))
      throw Error("this loss weight is not finite at t = " + std::to_string(i + 1) +
                  " of the schedule " + objective.schedule.family);
}

/// (x, y) = (a x + b y + offset, c x + d y), element by element.
struct Mix {
  float a, b, c, d, offset;
};
void mix(const Mix m, std::size_t count, float* __restrict x, float* __restrict y) {
  for (std::size_t i = 0; i < count; ++i) {
    const float first = x[i], second = y[i];
    x[i] = m.a * first + m.b * second + m.offset;
    y[i] = m.c * first + m.d * second;
  }
}

}  // namespace

BatchMaker::BatchMaker(const TrainingSet& images, Objective objective, std::uint64_t seed)
    : images_(images),
      objective_(std::move(objective)),
      draws_(seed),
      null_class_(int(images.classes())) {
  check(objective_);
  check_weights(objective_);
}

std::uint32_t BatchMaker::image_of(std::uint64_t example) {
  const std::uint64_t epoch = example / images_.size();
  if (epoch != epoch_) {
    order_ = draws_.order(epoch, std::uint32_t(images_.size()));
    epoch_ = epoch;
  }
  return order_[example % images_.size()];
}

/// The null class, after all others, stands for no label: dropped so that the network
/// learns to do without (Ho & Salimans 2022, Alg. 1), or not there.
int BatchMaker::label_of(std::uint64_t example, std::size_t image) const {
  const bool dropped = draws_.label_drop(example) < objective_.label_dropout;
  return dropped ? null_class_ : images_.label(image).value_or(null_class_);
}

/// x starts as x0 and target as eps, so that no further memory is needed.
void BatchMaker::fill(const Example& example, std::span<float> x, std::span<float> target) const {
  const bool mirrored = objective_.flip && draws_.flipped(example.id);
  const auto [down, right] = draws_.shift(example.id, objective_.shift);
  const auto side = mirrored ? TrainingSet::Side::mirrored : TrainingSet::Side::as_is;
  images_.copy(example.image, {side, down, right}, x);
  draws_.fill_noise(example.id, target);
  const NoiseLevel& level = example.at.level;
  const Target t = target_of(objective_.prediction, level);
  const NetworkInput seen = network_input(face_of(objective_), level);
  mix({float(seen.scale * level.alpha), float(seen.scale * level.sigma), float(t.c_x0),
       float(t.c_eps), float(seen.offset)},
      x.size(), x.data(), target.data());
}

Batch BatchMaker::batch_of(std::span<const Example> examples, std::size_t whole) const {
  const std::size_t count = examples.size(), each = images_.image_size();
  const double share = double(count) / double(whole);
  const nn::Dims dims{std::int64_t(count), std::int64_t(images_.height()),
                      std::int64_t(images_.width()), std::int64_t(images_.channels())};
  Batch batch{nn::Tensor(dims),
              nn::Tensor(dims),
              std::vector<float>(count),
              std::vector<float>(count),
              std::vector<ChosenLevel>(count),
              std::vector<int>(null_class_ > 0 ? count : 0),
              examples.empty() ? 0 : examples.front().id};
  parallel_for(count, [&](std::size_t i) {
    const Example& example = examples[i];
    ChosenLevel& at = batch.levels[i] = example.at;
    at.factor *= share;
    batch.timesteps[i] = float(network_input(face_of(objective_), at.level).timestep);
    batch.weights[i] = float(at.factor * objective_.weight(objective_.prediction, at.level));
    if (null_class_ > 0) batch.labels[i] = label_of(example.id, example.image);
    fill(example, batch.x.floats().subspan(i * each, each),
         batch.target.floats().subspan(i * each, each));
  });
  return batch;
}

std::vector<BatchMaker::Example> BatchMaker::examples(std::uint64_t first, std::size_t count,
                                                      const LossHistory& history) {
  std::vector<Example> examples(count);
  for (std::size_t i = 0; i < count; ++i) {
    const LevelDraw draw{draws_.level(first + i), i, count};
    examples[i] = {first + i, image_of(first + i),
                   objective_.levels(draw, objective_.schedule, history)};
  }
  return examples;
}

void BatchMaker::expect(std::uint64_t first, std::size_t count) {
  if (!images_.streamed()) return;
  std::vector<std::uint32_t> images(count);
  for (std::size_t i = 0; i < count; ++i) images[i] = image_of(first + i);
  images_.expect(images);
}

}  // namespace diffusion
