#include "lib/train/evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "lib/base/error.hpp"
#include "lib/image/labels.hpp"
#include "lib/models/checkpoint.hpp"
#include "lib/noise/wrappers.hpp"
#include "lib/tensor/stack.hpp"
#include "lib/train/class_match.hpp"
#include "lib/train/loss_weight.hpp"
#include "lib/train/ode_likelihood.hpp"
#include "lib/train/resume.hpp"
#include "lib/train/variational_loss.hpp"

namespace diffusion {
namespace {

constexpr std::size_t batch_size = 16;  // part of the result: a batch visits common steps

std::vector<Band> make_bands(int steps, int wanted) {
  const int count = std::min(wanted, steps);
  std::vector<Band> bands;
  for (int i = 0; i < count; ++i)
    bands.push_back({.first = 1 + int(std::int64_t(i) * steps / count),
                     .last = int((std::int64_t(i) + 1) * steps / count)});
  return bands;
}

Band& band_of(std::vector<Band>& bands, int t) {
  return *std::ranges::lower_bound(bands, t, {}, &Band::last);
}

/// Neighbours among the images, which are judged together.
struct ImageBatch {
  const Model& model;
  const ModelImages& images;
  std::size_t first, count;

  /// As the model's network sees them.
  Tensor x0() const { return model.units.to_network(rows_from(images.pixels, first, count)); }
  /// -1 where there is none.
  std::vector<int> labels() const {
    std::vector<int> labels(count);
    for (std::size_t n = 0; n < count; ++n) labels[n] = images.labels[first + n].value_or(-1);
    return labels;
  }
};

/// Told the classes, where the model knows any and the images have labels.
Denoiser denoiser_of(const Model& model, const ImageBatch& batch) {
  const bool told = model.labels > 0 && !batch.images.labels.empty();
  return interruptible(model.denoiser(told ? batch.labels() : std::vector<int>{}));
}

/// What is found of each image of a batch.
struct Found {
  std::vector<Bound> bounds;
  std::vector<WeightedMean> losses;
  std::vector<double> ode = {};  // bits; empty where not asked for
};

/// Bounds and losses; the bands take in what is found at their t.
Found bounds_of(const Denoiser& denoise, const ImageBatch& batch, const JudgeOptions& options,
                Judgement& sums) {
  Found found{.bounds = {}, .losses = std::vector<WeightedMean>(batch.count)};
  const BoundOptions bound{.schedule = options.schedule,
                           .terms = std::size_t(options.terms),
                           .decoder = sums.decoder,
                           .variance = options.trained.variance,
                           .clipping = options.clipping,
                           .noise = options.noise};
  const auto see = [&](const BoundVisit& visit) {
    Band& band = band_of(sums.bands, visit.t);
    if (options.trained.loss) {
      const double loss = options.trained.loss(options.schedule.at(visit.t)) * visit.x0_error;
      band.loss.add(loss, visit.weight);
      found.losses[visit.image].add(loss, visit.weight);
    }
    band.eps.add(visit.eps_error, visit.weight);
    band.x0.add(visit.x0_error, visit.weight);
    band.bits.add(visit.bits, visit.weight);
  };
  found.bounds = variational_bounds(denoise, batch.x0(), batch.first, bound, see);
  return found;
}

/// What differences along the probes are off by: their error is of second order, a third
/// of what doubling the probe changes.
double difference_error(const Denoiser& denoise, const Tensor& x, OdeOptions options,
                        std::span<const double> bits) {
  options.probe *= 2;
  const auto doubled = ode_bits(denoise, x, 0, options);
  double sum = 0;
  for (std::size_t n = 0; n < bits.size(); ++n)
    sum += (doubled[n] - bits[n]) / (3 * double(bits.size()));
  return std::abs(sum);
}

/// Bits by the ODE; the first batch says how exact they are where the model does not know
/// its derivative.
std::vector<double> ode_bits_of(const Denoiser& denoise, const ImageBatch& batch,
                                const JudgeOptions& options, Judgement& sums) {
  const OdeOptions ode{
      .schedule = options.schedule, .steps = options.ode, .noise = options.ode_noise};
  const bool eight_bit = sums.decoder == Decoder::eight_bit;
  Tensor x = batch.x0();
  if (eight_bit) x = dequantised(x, batch.first, ode.noise);
  auto bits = ode_bits(denoise, x, batch.first, ode);
  if (batch.first == 0 && pullback_of(denoise) == nullptr)
    sums.ode_error = difference_error(denoise, x, ode, bits);
  if (eight_bit)
    for (double& each : bits) each += bits_of_bin;
  return bits;
}

void add(const Found& found, Judgement& sums) {
  for (std::size_t n = 0; n < found.bounds.size(); ++n) {
    const Bound& bound = found.bounds[n];
    sums.prior.add(bound.prior);
    sums.kl.add(bound.steps);
    sums.last.add(bound.decoder);
    sums.total.add(bound.total());
    if (!found.ode.empty()) sums.ode.add(found.ode[n]);
  }
}

void add_by_class(const Found& found, std::span<const std::optional<int>> labels, Judgement& sums) {
  for (std::size_t n = 0; n < found.bounds.size(); ++n) {
    ClassMeans& of_class = sums.classes[labels[n]];
    if (found.losses[n].count > 0) of_class.loss.add(found.losses[n].mean());
    of_class.bound.add(found.bounds[n].total());
    if (!found.ode.empty()) of_class.ode.add(found.ode[n]);
  }
}

Classes classes_of(const ModelImages& images) {
  int highest = -1;
  for (const auto& label : images.labels) highest = std::max(highest, label.value_or(-1));
  if (highest < 0) throw Error(no_labels_of_their_own("the images", images.why_unlabelled));
  return {std::max(std::size_t(highest) + 1, images.label_names.size()), images.label_names};
}

}  // namespace

TrainedFor trained_for(const ModelFile& file) {
  const auto named = [&](const char* key, const char* usual) {
    const auto given = file.objective().find(key);
    return given ? given->text() : std::string(usual);
  };
  const Prediction prediction = file.prediction();
  const LossWeight weight = make_loss_weight(named("weight", "uniform"));
  const bool learned = make_loss_kind(named("loss", "simple")).learns_variance();
  return {.loss =
              [=](const NoiseLevel& at) {
                const double k = x0_recovery(prediction, at).from_prediction;
                return weight(prediction, at) / (k * k);
              },
          .variance = learned ? ReverseVariance::learned : ReverseVariance::small};
}

Judgement judge(const Model& model, const ModelImages& images, const JudgeOptions& options) {
  const int steps = options.schedule.steps();
  Judgement sums{.steps = steps,
                 .images = images.size(),
                 .terms = std::min(std::size_t(options.terms), std::size_t(steps) - 1),
                 .decoder = images.depth == Depth::uint8 ? Decoder::eight_bit : Decoder::density,
                 .in_data_units = model.units.any(),
                 .bands = make_bands(steps, options.bands)};
  for (std::size_t first = 0; first < images.size(); first += batch_size) {
    const ImageBatch batch{model, images, first, std::min(batch_size, images.size() - first)};
    const Denoiser denoise = denoiser_of(model, batch);
    Found found = bounds_of(denoise, batch, options, sums);
    if (options.ode > 0) found.ode = ode_bits_of(denoise, batch, options, sums);
    for (Bound& bound : found.bounds) bound.decoder += model.units.bits();
    for (double& bits : found.ode) bits += model.units.bits();
    add(found, sums);
    if (options.by_class == ByClass::yes)
      add_by_class(found, std::span(images.labels).subspan(first, batch.count), sums);
    if (options.progress) options.progress(first + batch.count);
  }
  return sums;
}

void number_as(const Model& model, ModelImages& images, const std::string& culprit) {
  const Classes theirs = classes_of(images);
  if (model.labels == 0) return;
  const auto numbers =
      match_classes(theirs, {std::size_t(model.labels), model.label_names}, culprit);
  for (auto& label : images.labels)
    if (label) label = numbers[std::size_t(*label)];
  if (!model.label_names.empty()) images.label_names = model.label_names;
}

}  // namespace diffusion
