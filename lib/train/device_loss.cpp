#include "lib/train/device_loss.hpp"

#include <cassert>

#include "lib/noise/precondition.hpp"
#include "lib/train/device_terms.hpp"
#include "lib/train/variational_terms.hpp"

namespace diffusion {
namespace {

using xla::Comparison, xla::Value;

/// What stands where in an image's constants; without a bound the weight alone.
enum Column : std::int64_t {
  weight,           // of the squared error
  bound_weight,     // of a term of the bound
  log_small,        // the least log variance,
  log_range,        // and how far the greatest lies above it
  coef_x0,          // of the posterior's mean
  from_prediction,  // x0 = from_x x + from_prediction prediction,
  from_x,           // of x as the network sees it
  decodes,          // 1: the last term, of 8-bit values
  columns,
};

std::vector<float> bound_constants(const LossKind& loss, const Objective& objective,
                                   const ChosenLevel& at, double size) {
  const Prediction prediction = objective.prediction;
  const ReverseStep step = reverse_step(objective.schedule, int(at.step) + 1);
  const Recovery recovery = x0_recovery(prediction, at.level);
  const double scale = network_input({prediction, objective.schedule.path}, at.level).scale;
  const bool last = at.step == 0;
  const bool idle = !last && step.posterior.variance == 0;  // a step that does nothing
  const double steps = objective.schedule.steps();
  std::vector<float> row(columns);
  row[bound_weight] = idle ? 0 : float(loss.bound * bits_per_nat * steps * at.factor / size);
  row[log_small] = idle ? 0 : float(step.log_small);
  row[log_range] = idle ? 0 : float(step.log_large - step.log_small);
  row[coef_x0] = float(step.posterior.coef_x0);
  row[from_prediction] = float(recovery.from_prediction);
  row[from_x] = float(recovery.from_x / scale);
  row[decodes] = last ? 1 : 0;
  return row;
}

/// Each image's constants, spread over its numbers.
class Spread {
 public:
  Spread(Value constants, Value over) : constants_(constants), over_(over) {}

  Value operator[](std::int64_t column) const {
    return broadcast(of_image(column), over_.dims(), {0});
  }
  Value of_image(std::int64_t column) const {
    const std::int64_t n = constants_.dims()[0];
    return reshape(slice(constants_, {{0, column}, {n, column + 1}}), {n});
  }

 private:
  Value constants_, over_;
};

Value sum_of_each(Value x) { return sum(x, {1, 2, 3}); }

Value channels(Value x, std::int64_t first, std::int64_t count) {
  const xla::Extents& d = x.dims();
  return slice(x, {{0, 0, 0, first}, {d[0], d[1], d[2], first + count}});
}

DeviceLoss squared_error_of(Value said, const DeviceLossInput& in, const Spread& at, double size,
                            double batch) {
  const Value off = said - in.target;
  return {sum_of_each(off * off) * at.of_image(weight) / size,
          off * (at[weight] * (2 / (size * batch)))};
}

/// The terms of all numbers and what they count; `variance` is 2 v - 1 (Eq. 15 of the paper).
DeviceTerm bound_terms(Value said, Value variance, const DeviceLossInput& in, const Spread& at) {
  const Value wider = (variance + 1) * 0.5 * at[log_range];
  const Value log_variance = at[log_small] + wider;
  const Value off = at[from_prediction] * (in.target - said);  // x0 - x0_hat
  const Value x0 = at[from_x] * in.images + at[from_prediction] * in.target;
  DeviceTerm step = device_kl_term(wider, log_variance, at[coef_x0] * off);
  step.by_mean = step.by_mean * at[coef_x0];
  return select(compare(at[decodes], Comparison::gt, 0.5),
                device_eight_bit_term(x0, x0 - off, log_variance), step);
}

DeviceLoss bound_of(const LossKind& loss, Value said, const DeviceLossInput& in, const Spread& at,
                    double batch) {
  const std::int64_t c = said.dims()[3];
  const Value variance = channels(in.output, c, c);
  const DeviceTerm term = bound_terms(said, variance, in, at);
  const Value slope = at[bound_weight] / batch;
  const Value by_variance = slope * term.by_log_variance * at[log_range] * 0.5;
  const Value by_mean = loss.simple > 0 ? filled_like(said, 0)  // the bound does not move it
                                        : slope * term.by_mean * at[from_prediction];
  const Value both[] = {by_mean, by_variance};
  return {sum_of_each(term.nats) * at.of_image(bound_weight), concatenate(both, 3)};
}

}  // namespace

std::int64_t loss_constants_of(const LossKind& loss) {
  return loss.learns_variance() ? std::int64_t(columns) : 1;
}

std::vector<float> loss_constants(const LossKind& loss, const Objective& objective,
                                  const Batch& batch) {
  if (!loss.learns_variance()) return batch.weights;
  const double size = double(batch.target.count()) / double(batch.levels.size());
  std::vector<float> all;
  for (std::size_t n = 0; n < batch.levels.size(); ++n) {
    std::vector<float> row = bound_constants(loss, objective, batch.levels[n], size);
    row[weight] = batch.weights[n];
    all.insert(all.end(), row.begin(), row.end());
  }
  return all;
}

DeviceLoss device_loss(const LossKind& loss, const DeviceLossInput& in, std::uint64_t batch) {
  const xla::Extents& d = in.target.dims();
  const double size = double(d[1] * d[2] * d[3]);
  const Spread at(in.constants, in.target);
  if (!loss.learns_variance()) {
    assert(in.output.dims() == d);
    return squared_error_of(in.output, in, at, size, double(batch));
  }
  const Value said = channels(in.output, 0, d[3]);
  DeviceLoss bound = bound_of(loss, said, in, at, double(batch));
  if (loss.simple == 0) return bound;
  const DeviceLoss simple = squared_error_of(said, in, at, size, double(batch));
  const Value none[] = {simple.derivative, filled_like(said, 0)};
  return {simple.each + bound.each, concatenate(none, 3) + bound.derivative};
}

}  // namespace diffusion
