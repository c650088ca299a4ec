#include "tools/train/eval_judge.hpp"

#include <algorithm>
#include <span>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/models/checkpoint.hpp"
#include "lib/models/model_schedule.hpp"
#include "lib/noise/wrappers.hpp"
#include "lib/train/loss_weight.hpp"
#include "lib/train/ode_likelihood.hpp"
#include "lib/train/variational_loss.hpp"

namespace diffusion {
namespace {

constexpr std::size_t batch_size = 16;  // part of the result: a batch visits common steps

std::vector<Band> make_bands(int steps, int wanted) {
  const int count = std::min(wanted, steps);
  std::vector<Band> bands;
  for (int i = 0; i < count; ++i)
    bands.push_back({1 + int(std::int64_t(i) * steps / count),
                     int((std::int64_t(i) + 1) * steps / count),
                     {},
                     {},
                     {},
                     {}});
  return bands;
}

Band& band_of(std::vector<Band>& bands, int t) {
  return *std::ranges::lower_bound(bands, t, {}, &Band::last);
}

/// What a model file was trained to make small, as a factor of the squared error of x0.
using LossFactor = std::function<double(const NoiseLevel&)>;

LossFactor loss_factor(const std::string& path) {
  if (!names_model_file(path)) return {};
  const ModelFile file(path);
  const Prediction prediction = file.prediction();
  const LossWeight weight =
      make_loss_weight(file.description().objective.value("weight", "uniform"));
  return [=](const NoiseLevel& at) {
    const double k = x0_recovery(prediction, at).from_prediction;
    return weight(prediction, at) / (k * k);
  };
}

bool has_learned_variance(const std::string& path) {
  if (!names_model_file(path)) return false;
  const Json objective = ModelFile(path).description().objective;
  return make_loss_kind(objective.value("loss", "simple")).learns_variance();
}

ReverseVariance variance_of(const EvalRequest& request) {
  const std::string& name = request.variance;
  if (name.empty())
    return has_learned_variance(request.model) ? ReverseVariance::learned : ReverseVariance::small;
  if (name == "large") return ReverseVariance::large;
  return name == "learned" ? ReverseVariance::learned : ReverseVariance::small;
}

/// The model for images that are judged together; told their classes, where it knows any.
Denoiser denoiser_of(const Model& model, const EvalImages& images, std::size_t first,
                     std::size_t count) {
  const auto stoppable = [](const Denoiser& denoise) {
    return watched(
        denoise, [](const Tensor&, const NoiseLevel&, const Denoised&) { stop_if_interrupted(); });
  };
  if (model.labels == 0 || images.labels.empty()) return stoppable(model.denoiser({}));
  std::vector<int> labels(count);
  for (std::size_t n = 0; n < count; ++n) labels[n] = images.labels[first + n].value_or(-1);
  return stoppable(model.denoiser(labels));
}

/// One evaluation: which images, by which model, with what.
struct Judging {
  const EvalRequest& request;
  const Model& model;
  const EvalImages& images;
  Schedule schedule;
  LossFactor factor;

  BoundOptions bound_options() const {
    return {.schedule = schedule,
            .terms = std::size_t(request.steps),
            .decoder = images.decoder,
            .variance = variance_of(request),
            .clipping = model.images && !request.no_clip ? Clipping::to_range : Clipping::none,
            .noise = NoiseSource(request.seed, "diff-train eval")};
  }
};

/// What is found of each image of a batch.
struct Found {
  std::vector<Bound> bounds;
  std::vector<Tally> losses;
  std::vector<double> ode;  // bits; empty where not asked for
};

std::vector<Bound> bounds_of(const Judging& judging, const Denoiser& denoise, std::size_t first,
                             std::vector<Tally>& losses, std::vector<Band>& bands) {
  const Tensor x0 = judging.images.batch(first, losses.size());
  return variational_bounds(
      denoise, x0, first, judging.bound_options(), [&](const BoundVisit& visit) {
        Band& band = band_of(bands, visit.t);
        if (judging.factor) {
          const double loss = judging.factor(judging.schedule.at(visit.t)) * visit.x0_error;
          band.loss.add(loss, visit.weight);
          losses[visit.image].add(loss, visit.weight);
        }
        band.eps.add(visit.eps_error, visit.weight);
        band.x0.add(visit.x0_error, visit.weight);
        band.bits.add(visit.bits, visit.weight);
      });
}

/// Bits by the ODE, and of a model that does not know its derivative, on the first batch,
/// what the differences along the probes are off by: their error is of second order, a
/// third of what doubling them changes.
std::vector<double> ode_bits_of(const Judging& judging, const Denoiser& denoise, std::size_t first,
                                std::size_t count, double& difference_error) {
  OdeOptions options{.schedule = judging.schedule,
                     .steps = judging.request.ode,
                     .noise = NoiseSource(judging.request.seed, "diff-train eval ode")};
  Tensor x = judging.images.batch(first, count);
  const bool eight_bit = judging.images.decoder == Decoder::eight_bit;
  if (eight_bit) x = dequantised(x, first, options.noise);
  auto bits = ode_bits(denoise, x, first, options);
  if (first == 0 && pullback_of(denoise) == nullptr) {
    options.probe *= 2;
    const auto doubled = ode_bits(denoise, x, first, options);
    double sum = 0;
    for (std::size_t n = 0; n < count; ++n) sum += (doubled[n] - bits[n]) / (3 * double(count));
    difference_error = std::abs(sum);
  }
  if (eight_bit)
    for (double& each : bits) each += bits_of_bin;
  return bits;
}

void add(Judgement& judgement, const Found& found) {
  for (std::size_t n = 0; n < found.bounds.size(); ++n) {
    const Bound& bound = found.bounds[n];
    judgement.prior.add(bound.prior);
    judgement.kl.add(bound.steps);
    judgement.last.add(bound.decoder);
    judgement.total.add(bound.total());
    if (!found.ode.empty()) judgement.ode.add(found.ode[n]);
  }
}

void add_by_class(Judgement& judgement, const Found& found,
                  std::span<const std::optional<int>> labels) {
  for (std::size_t n = 0; n < found.bounds.size(); ++n) {
    ClassTally& of_class = judgement.classes[labels[n]];
    if (found.losses[n].count > 0) of_class.loss.add(found.losses[n].mean());
    of_class.bound.add(found.bounds[n].total());
    if (!found.ode.empty()) of_class.ode.add(found.ode[n]);
  }
}

}  // namespace

Judgement judge(const cli::Tool& tool, const EvalRequest& request, const Model& model,
                const EvalImages& images) {
  const Judging judging{request, model, images,
                        schedule_for(model, request.schedule, request.model),
                        loss_factor(request.model)};
  const int steps = judging.schedule.steps();
  Judgement judgement{.steps = steps,
                      .images = images.size(),
                      .terms = std::min(std::size_t(request.steps), std::size_t(steps) - 1),
                      .decoder = images.decoder,
                      .bands = make_bands(steps, request.bands),
                      .classes = {},
                      .prior = {},
                      .kl = {},
                      .last = {},
                      .total = {},
                      .ode = {}};
  Progress progress(tool.progress(), "evaluating", images.size(), "images");
  for (std::size_t first = 0; first < images.size(); first += batch_size) {
    const std::size_t count = std::min(batch_size, images.size() - first);
    const Denoiser denoise = denoiser_of(model, images, first, count);
    Found found{.bounds = {}, .losses = std::vector<Tally>(count), .ode = {}};
    found.bounds = bounds_of(judging, denoise, first, found.losses, judgement.bands);
    if (request.ode > 0)
      found.ode = ode_bits_of(judging, denoise, first, count, judgement.ode_error);
    add(judgement, found);
    if (request.by_class)
      add_by_class(judgement, found, std::span(images.labels).subspan(first, count));
    progress.update(first + count);
  }
  progress.finish();
  return judgement;
}

}  // namespace diffusion
