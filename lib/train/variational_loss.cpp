#include "lib/train/variational_loss.hpp"

#include <cassert>
#include <numeric>

#include "lib/base/parallel.hpp"
#include "lib/base/registry.hpp"
#include "lib/noise/precondition.hpp"
#include "lib/train/variational_terms.hpp"

namespace diffusion {
namespace {

LossKind make_simple(Params&) { return {1, 0}; }

LossKind make_hybrid(Params& params) {
  const double bound = params.number("bound", 0.001);
  if (!(bound > 0 && bound <= 1)) params.refuse("bound", "must lie in (0, 1]");
  return {1, bound};
}

LossKind make_bound(Params&) { return {0, 1}; }

constexpr LossKindInfo rows[] = {
    {"simple", "the weighted squared error of what is predicted", "Ho et al. 2020, Eq. 14",
     make_simple},
    {"hybrid", "that and bound = 0.001 of the variational bound, from which the variance learns",
     "Nichol and Dhariwal 2021, Eq. 16", make_hybrid},
    {"bound", "the variational bound alone, mean and variance learned",
     "Nichol and Dhariwal 2021, Sec. 3.3", make_bound},
};

/// Where one image of a batch stands.
struct Place {
  ReverseStep step;
  Recovery recovery;
  double scale;   // of what the network saw
  double weight;  // of a term in the loss
  bool decodes;   // t = 1
};

Place place_of(const Objective& objective, const ChosenLevel& at, double weight) {
  const Prediction prediction = objective.prediction;
  return {reverse_step(objective.schedule, int(at.step) + 1), x0_recovery(prediction, at.level),
          network_input({prediction, objective.schedule.path}, at.level).scale, weight,
          at.step == 0};
}

/// The term of one number: predicted `said` for `wanted`, variance output `o`, seen `x`.
Term term_of(const Place& at, double said, double wanted, double o, double x) {
  const double log_variance = at.step.log_variance((o + 1) / 2);
  const double off = at.recovery.from_prediction * (wanted - said);  // x0 - x0_hat
  if (!at.decodes) {
    if (at.step.posterior.variance == 0) return {};  // a step that does nothing
    const double shift = at.step.posterior.coef_x0;
    Term term = kl_term(std::log(at.step.posterior.variance), log_variance, shift * off);
    term.by_mean *= shift;
    return term;
  }
  const double x0 = at.recovery.from_x * x / at.scale + at.recovery.from_prediction * wanted;
  return eight_bit_term(x0, x0 - off, log_variance);
}

}  // namespace

std::span<const LossKindInfo> loss_kinds() { return rows; }

LossKind make_loss_kind(const std::string& spec) { return make_from(loss_kinds(), spec, "loss"); }

double add_variational_bound(const LossKind& kind, const Objective& objective, const Batch& batch,
                             std::span<const float> output, std::span<float> derivative,
                             std::span<double> each) {
  const std::size_t images = batch.levels.size(), channels = std::size_t(batch.target.dims().c);
  const std::size_t size = batch.target.count() / images;
  assert(output.size() == 2 * batch.target.count() && derivative.size() == output.size());
  const double steps = objective.schedule.steps();
  const auto target = batch.target.floats(), seen = batch.x.floats();
  std::vector<double> losses(images);
  parallel_for(images, [&](std::size_t n) {
    const ChosenLevel& level = batch.levels[n];
    const Place at =
        place_of(objective, level, kind.bound * bits_per_nat * steps * level.factor / double(size));
    const double slope = at.weight / double(images);
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t from = n * size + i;
      const std::size_t mean = 2 * (from - i % channels) + i % channels, variance = mean + channels;
      const Term term = term_of(at, output[mean], target[from], output[variance], seen[from]);
      losses[n] += at.weight * term.nats;
      derivative[variance] +=
          float(slope * term.by_log_variance * (at.step.log_large - at.step.log_small) / 2);
      if (kind.simple == 0)
        derivative[mean] += float(slope * term.by_mean * at.recovery.from_prediction);
    }
  });
  for (std::size_t n = 0; n < each.size(); ++n) each[n] += losses[n];
  return std::accumulate(losses.begin(), losses.end(), 0.0) / double(images);
}

}  // namespace diffusion
