#include "lib/train/validation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/parallel.hpp"
#include "lib/train/loss.hpp"

namespace diffusion {
namespace {

// Part of the addresses of noise: these numbers never change.
constexpr std::uint64_t first_address = std::uint64_t(1) << 63, split_epoch = ~std::uint64_t(0);
constexpr std::size_t most_images = 256, most_bands = 5;
constexpr std::size_t images_at_once = 8;  // on a thread: the order of their sum

Objective as_they_are(Objective objective) {
  objective.flip = false;
  objective.shift = 0;
  objective.label_dropout = 0;
  return objective;
}

TrainingSet first_of(const TrainingSet& images, std::size_t most) {
  std::vector<std::uint32_t> first(std::min(most, images.size()));
  std::iota(first.begin(), first.end(), 0u);
  return images.subset(first);
}

double loss_of(const Network& network, const Batch& batch) {
  const nn::Tensor output = network.forward(batch.x, batch.timesteps, batch.labels, nullptr);
  const nn::Dims& dims = batch.target.dims();
  const nn::Tensor said = output.dims() == dims ? output : first_channels(output, dims);
  const nn::Tensor unused(dims);
  return squared_error({said.floats(), batch.target.floats(), batch.weights}, unused.floats());
}

}  // namespace

Validation::Validation(const TrainingSet& held_out, Objective objective, std::uint64_t seed)
    : images_(first_of(held_out, most_images).in_memory()),
      examples_(images_, as_they_are(std::move(objective)), seed),
      bands_(std::min(most_bands, std::size_t(examples_.schedule().steps()))) {}

std::size_t Validation::pieces() const {
  return (images_.size() + images_at_once - 1) / images_at_once;
}

/// The sum over the images of a piece.
double Validation::loss_of_piece(const Network& network, std::size_t band,
                                 std::size_t piece) const {
  const Schedule& schedule = examples_.schedule();
  const std::size_t first = piece * images_at_once;
  const std::size_t count = std::min(images_at_once, images_.size() - first);
  std::vector<BatchMaker::Example> examples;
  for (std::size_t i = first; i < first + count; ++i) {
    const double point =
        (double(band) + (double(i) + 0.5) / double(images_.size())) / double(bands_);
    const auto step = std::size_t(point * double(schedule.steps()));
    examples.push_back({.id = first_address + i * most_bands + band,
                        .image = i,
                        .at = {.level = schedule.levels[step], .step = step}});
  }
  return double(count) * loss_of(network, examples_.batch_of(examples));
}

ValidationLoss Validation::of(const Network& network, const Ranks& ranks) const {
  std::vector<double> losses(bands_ * pieces());
  const auto runs = runs_of(ranks, losses.size());
  const auto& [first, count] = runs[ranks.rank];
  parallel_for(count, [&, begin = first](std::size_t i) {
    const OneThread alone;
    losses[begin + i] = loss_of_piece(network, (begin + i) / pieces(), (begin + i) % pieces());
  });
  gather<double>(ranks, runs, losses);
  ValidationLoss loss{0, {}};
  for (std::size_t band = 0; band < bands_; ++band) {
    const auto begin = losses.begin() + std::ptrdiff_t(band * pieces());
    const double sum = std::accumulate(begin, begin + std::ptrdiff_t(pieces()), 0.0);
    loss.bands.push_back(sum / double(images_.size()));
    loss.mean += loss.bands.back() / double(bands_);
  }
  return loss;
}

TrainingSet shuffled(const TrainingSet& images, std::uint64_t seed) {
  return images.subset(TrainingDraws(seed).order(split_epoch, std::uint32_t(images.size())));
}

std::pair<TrainingSet, TrainingSet> held_out(const TrainingSet& images, double share,
                                             std::uint64_t seed) {
  if (images.size() < 2) throw Error("`validation`: one image cannot be trained on and held out");
  const auto wanted = std::size_t(std::llround(share * double(images.size())));
  const std::size_t count = std::clamp(wanted, std::size_t(1), images.size() - 1);
  const auto order = TrainingDraws(seed).order(split_epoch, std::uint32_t(images.size()));
  const std::span all(order);
  return {images.subset(all.subspan(count)), images.subset(all.first(count))};
}

}  // namespace diffusion
