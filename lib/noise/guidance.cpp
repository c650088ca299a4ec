#include "lib/noise/guidance.hpp"

#include <cassert>
#include <memory>

#include "lib/base/parallel.hpp"
#include "lib/noise/combine.hpp"
#include "lib/tensor/stack.hpp"

namespace diffusion {
namespace {

/// What is asked about.
struct Asked {
  const Tensor& x_t;
  const NoiseLevel& at;
};

/// The shares add up to 1, so x0 and eps still describe one state.
Denoised extrapolated(const Denoised& towards, const Denoised& away, double scale,
                      const Asked& asked) {
  Denoised result{combine(scale, towards.x0, 1 - scale, away.x0), {}, towards.variance_share};
  if (towards.eps || away.eps)
    result.eps = combine(scale, eps_of(towards, asked.x_t, asked.at), 1 - scale,
                         eps_of(away, asked.x_t, asked.at));
  return result;
}

/// What the network said, or would have said, for such an answer.
Tensor predicted(const Denoised& denoised, const Tensor& x_t, const NoiseLevel& at,
                 Prediction prediction) {
  const auto [c_x0, c_eps] = target_of(prediction, at);
  if (c_eps == 0) return combine(c_x0, denoised.x0, 0, denoised.x0);
  return combine(c_x0, denoised.x0, c_eps, eps_of(denoised, x_t, at));
}

double standard_deviation(const float* values, std::size_t count) {
  double mean = 0, sum = 0;
  for (std::size_t i = 0; i < count; ++i) mean += values[i];
  mean /= double(count);
  for (std::size_t i = 0; i < count; ++i) sum += (values[i] - mean) * (values[i] - mean);
  return std::sqrt(sum / double(count));
}

/// prediction times (f - 1), with f = phi std(wanted)/std(prediction) + 1 - phi for each
/// sample (Lin et al. 2023, Eq. 15 and 16): what rescaling adds to the prediction.
Tensor correction(Tensor prediction, const Tensor& wanted, double phi) {
  const std::size_t samples = wanted.shape()[0], each = wanted.size() / samples;
  parallel_for(samples, [&](std::size_t n) {
    float* const values = prediction.data() + n * each;
    const double spread = standard_deviation(values, each);
    const double ratio =
        spread == 0 ? 1 : standard_deviation(wanted.data() + n * each, each) / spread;
    const auto factor = float(phi * (ratio - 1));
    for (std::size_t i = 0; i < each; ++i) values[i] *= factor;
  });
  return prediction;
}

/// x0 and eps are linear in the prediction, so what is added to it is added to them.
void rescale(Denoised& result, const Denoised& unguided, const Tensor& x_t, const NoiseLevel& at,
             const Guidance& guidance) {
  const Tensor added =
      correction(predicted(result, x_t, at, guidance.prediction),
                 predicted(unguided, x_t, at, guidance.prediction), guidance.rescale);
  add_scaled(result.x0, x0_recovery(guidance.prediction, at).from_prediction, added);
  if (result.eps)
    add_scaled(*result.eps, eps_recovery(guidance.prediction, at).from_prediction, added);
}

double dot(const float* a, const float* b, std::size_t count) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += double(a[i]) * b[i];
  return sum;
}

/// away times s = <towards, away> / |away|^2 of the velocities of each sample.
Denoised fitted(const Denoised& towards, const Denoised& away, const Asked& asked) {
  const Tensor wanted = predicted(towards, asked.x_t, asked.at, Prediction::u);
  Tensor velocity = predicted(away, asked.x_t, asked.at, Prediction::u);
  const std::size_t samples = velocity.shape()[0], each = velocity.size() / samples;
  parallel_for(samples, [&](std::size_t n) {
    float* const values = velocity.data() + n * each;
    const double square = dot(values, values, each);
    const auto scale =
        float(square == 0 ? 1 : dot(wanted.data() + n * each, values, each) / square);
    for (std::size_t i = 0; i < each; ++i) values[i] *= scale;
  });
  return denoised_from(Prediction::u, velocity, asked.x_t, asked.at);
}

/// The change of x0 that the last guided estimate had.
using Momentum = std::optional<Tensor>;

Tensor change_of(const Denoised& towards, const Denoised& away, double beta, Momentum& last) {
  Tensor change = combine(1, towards.x0, -1, away.x0);
  if (beta == 0) return change;
  assert(!last || last->shape() == change.shape());
  if (last) add_scaled(change, beta, *last);
  last = change;
  return change;
}

/// towards + (scale - 1) (orthogonal + eta parallel), the two parts of `change`, which is first
/// shortened to `norm`, beside towards (Sadat et al. 2024, Alg. 1); eps follows.
Denoised projected(const Denoised& towards, Tensor change, const Asked& asked,
                   const Guidance& guidance) {
  const std::size_t samples = change.shape()[0], each = change.size() / samples;
  parallel_for(samples, [&](std::size_t n) {
    float* const values = change.data() + n * each;
    const float* const along = towards.x0.data() + n * each;
    const double length = std::sqrt(dot(values, values, each)), square = dot(along, along, each);
    const double shortened = length > guidance.norm ? guidance.norm / length : 1;
    const double parallel = square == 0 ? 0 : dot(values, along, each) / square;
    const auto keep = float(shortened),
               lose = float(shortened * (guidance.parallel - 1) * parallel);
    for (std::size_t i = 0; i < each; ++i) values[i] = keep * values[i] + lose * along[i];
  });
  Denoised result = towards;
  const double more = guidance.scale - 1;
  if (!asked.at.clean()) {
    result.eps = eps_of(towards, asked.x_t, asked.at);
    add_scaled(*result.eps, -more * asked.at.alpha / asked.at.sigma, change);
  }
  add_scaled(result.x0, more, change);
  return result;
}

/// The samples, and the same again.
Tensor twice(const Tensor& x) {
  Shape shape = x.shape();
  shape[0] = 2 * x.shape()[0];
  Tensor both(shape);
  put_rows(x, both, 0);
  put_rows(x, both, x.shape()[0]);
  return both;
}

Denoised rows_of(const Denoised& all, std::size_t first, std::size_t count) {
  const auto rows = [&](const std::optional<Tensor>& of) {
    return of ? std::optional(rows_from(*of, first, count)) : std::nullopt;
  };
  return {rows_from(all.x0, first, count), rows(all.eps), rows(all.variance_share)};
}

}  // namespace

BothDenoisers both_of(Denoiser of_twice) {
  return [of_twice = std::move(of_twice)](const Tensor& x_t, const NoiseLevel& at) {
    const std::size_t samples = x_t.shape()[0];
    const Denoised all = of_twice(twice(x_t), at);
    return std::pair{rows_of(all, 0, samples), rows_of(all, samples, samples)};
  };
}

Denoiser mixed(Denoiser first, Denoiser second, double share) {
  return [=](const Tensor& x_t, const NoiseLevel& at) {
    return extrapolated(first(x_t, at), second(x_t, at), 1 - share, {x_t, at});
  };
}

Denoiser guided(Denoiser towards, const Denoiser& away, const Guidance& guidance,
                BothDenoisers both) {
  if (guidance.scale == 1) return towards;
  if (!both)
    both = [=](const Tensor& x_t, const NoiseLevel& at) {
      Denoised first = towards(x_t, at);
      return std::pair{std::move(first), away(x_t, at)};
    };
  return [=, last = std::make_shared<Momentum>()](const Tensor& x_t, const NoiseLevel& at) {
    if (!guidance.covers(at)) return towards(x_t, at);
    if (guidance.scale == 0 && guidance.rescale == 0 && !guidance.projects() && !guidance.fitted)
      return away(x_t, at);
    auto [unguided, avoided] = both(x_t, at);
    if (guidance.fitted) avoided = fitted(unguided, avoided, {x_t, at});
    Denoised result =
        guidance.projects()
            ? projected(unguided, change_of(unguided, avoided, guidance.momentum, *last), {x_t, at},
                        guidance)
            : extrapolated(unguided, avoided, guidance.scale, {x_t, at});
    if (guidance.rescale > 0) rescale(result, unguided, x_t, at, guidance);
    return result;
  };
}

Denoiser standing_still(Denoiser inner, const NoiseLevel& end) {
  return [inner = std::move(inner), end](const Tensor& x_t, const NoiseLevel& at) {
    if (at.lambda < end.lambda) return Denoised{x_t, x_t, {}};
    return inner(x_t, at);
  };
}

}  // namespace diffusion
