#include "lib/train/device_update.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "lib/train/device_terms.hpp"
#include "lib/train/power_profile.hpp"

namespace diffusion {
namespace {

using xla::Comparison, xla::Type, xla::Value;

/// Sums of rows first: few numbers of a like size are added at a time.
Value sum_of_squares(Value flat) {
  constexpr std::int64_t row = 4096;
  const std::int64_t count = flat.dims()[0], rows = (count + row - 1) / row;
  const Value whole = reshape(pad(flat, {{0}, {rows * row - count}}), {rows, row});
  return sum(sum(whole * whole, {1}), {0});
}

Value clip_scale_of(Value norm, double limit) {
  const Value one = filled_like(norm, 1);
  if (limit == 0) return one;
  return select(compare(norm, Comparison::gt, limit), limit / norm, one);
}

/// 1 - beta^updates, in which no digits are lost; nothing but 1 is left of it for beta = 0.
Value bias_correction(double beta, Value updates) {
  return -exp_minus_1(maximum(updates * std::max(std::log(beta), -100.0), -100.0));
}

/// Kingma & Ba's algorithm 1, and line 12 of Loshchilov & Hutter's algorithm 2, as adam_update.
/// `updates`: with this one.
DeviceState adam_of(const DeviceState& s, Value g, const StepGradient& step, const AdamOptions& o,
                    Value updates) {
  DeviceState after = s;
  after.mean = o.beta1 * s.mean + (1 - o.beta1) * g;
  after.square = o.beta2 * s.square + (1 - o.beta2) * g * g;
  const Value keep = 1 - step.learning_rate * o.weight_decay;
  const Value rate = step.learning_rate / bias_correction(o.beta1, updates);
  const Value root = 1 / sqrt(bias_correction(o.beta2, updates));
  after.weights = keep * s.weights - rate * after.mean / (sqrt(after.square) * root + o.epsilon);
  return after;
}

/// `after`, but for some numbers of it.
Value with_kept(Value after, Value before, std::span<const Range> fixed) {
  std::vector<Value> parts;
  std::int64_t at = 0;
  const auto take = [&](Value from, std::int64_t end) {
    if (at < end) parts.push_back(slice(from, {{at}, {end}}));
    at = end;
  };
  for (const Range& range : fixed) {
    take(after, std::int64_t(range.first));
    take(before, std::int64_t(range.first + range.count));
  }
  take(after, after.dims()[0]);
  return fixed.empty() ? after : concatenate(parts, 0);
}

/// log(1 - x) for x = 1 / updates; small x would be lost beside 1, and are summed as a series.
Value log_of_rest(Value x) {
  Value series = x * 0 + 1.0 / 6;
  for (int power = 5; power >= 1; --power) series = 1.0 / power + x * series;
  return select(compare(x, Comparison::gt, 1.0 / 32), log(1 - x), -(x * series));
}

/// As power_share.
Value power_share_of(double gamma, Value updates) {
  return -exp_minus_1(maximum((gamma + 1) * log_of_rest(1 / updates), -100.0));
}

/// As take_in.
Value averaged(Value average, Value weights, const Averaging& averaging, Value updates) {
  if (averaging.profile == Averaging::Profile::power)
    return average + power_share_of(gamma_of(averaging.width), updates) * (weights - average);
  const Value keep = minimum((updates + 1) / (updates + 10), averaging.width);
  return weights + keep * (average - weights);
}

DeviceState chosen(Value pred, const DeviceState& if_true, const DeviceState& if_false) {
  const auto choose = [&](Value a, Value b) { return select(pred, a, b); };
  DeviceState all{choose(if_true.weights, if_false.weights),
                  choose(if_true.mean, if_false.mean),
                  choose(if_true.square, if_false.square),
                  {},
                  choose(if_true.updates, if_false.updates)};
  for (std::size_t i = 0; i < if_true.averages.size(); ++i)
    all.averages.push_back(choose(if_true.averages[i], if_false.averages[i]));
  return all;
}

}  // namespace

DeviceUpdate device_update(const DeviceState& before, const StepGradient& step,
                           const UpdateRule& rule) {
  const Value norm = sqrt(sum_of_squares(step.gradient));
  const Value sound = is_finite(step.loss) & is_finite(norm);
  const Value count = before.updates + 1, updates = convert(count, Type::f32);
  DeviceState after =
      adam_of(before, step.gradient * clip_scale_of(norm, rule.clip), step, rule.adam, updates);
  after.weights = with_kept(after.weights, before.weights, rule.fixed);
  after.updates = count;
  for (std::size_t i = 0; i < rule.averages.size(); ++i)
    after.averages[i] = averaged(before.averages[i], after.weights, rule.averages[i], updates);
  return {chosen(sound, after, before), norm, sound};
}

}  // namespace diffusion
