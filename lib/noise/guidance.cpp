#include "lib/noise/guidance.hpp"

#include <cassert>

#include "lib/base/parallel.hpp"
#include "lib/noise/combine.hpp"
#include "lib/tensor/stack.hpp"

namespace diffusion {
namespace {

/// The shares add up to 1, so x0 and eps still describe one state.
Denoised extrapolated(const Denoised& towards, const Denoised& away, double scale) {
  assert(towards.eps.has_value() == away.eps.has_value());
  Denoised result{combine(scale, towards.x0, 1 - scale, away.x0), {}, towards.variance_share};
  if (towards.eps) result.eps = combine(scale, *towards.eps, 1 - scale, *away.eps);
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

/// towards + (scale - 1) (orthogonal + eta parallel), the two parts of towards - away, which
/// is first shortened to `norm`, beside towards (Sadat et al. 2024, Alg. 1); eps follows.
Denoised projected(const Denoised& towards, const Denoised& away, const Tensor& x_t,
                   const NoiseLevel& at, const Guidance& guidance) {
  Tensor change = combine(1, towards.x0, -1, away.x0);
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
  if (!at.clean()) {
    result.eps = eps_of(towards, x_t, at);
    add_scaled(*result.eps, -more * at.alpha / at.sigma, change);
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

Denoiser guided(Denoiser towards, const Denoiser& away, const Guidance& guidance,
                BothDenoisers both) {
  if (guidance.scale == 1) return towards;
  if (!both)
    both = [=](const Tensor& x_t, const NoiseLevel& at) {
      Denoised first = towards(x_t, at);
      return std::pair{std::move(first), away(x_t, at)};
    };
  return [=](const Tensor& x_t, const NoiseLevel& at) {
    if (!guidance.covers(at)) return towards(x_t, at);
    if (guidance.scale == 0 && guidance.rescale == 0 && !guidance.projects()) return away(x_t, at);
    const auto [unguided, avoided] = both(x_t, at);
    Denoised result = guidance.projects() ? projected(unguided, avoided, x_t, at, guidance)
                                          : extrapolated(unguided, avoided, guidance.scale);
    if (guidance.rescale > 0) rescale(result, unguided, x_t, at, guidance);
    return result;
  };
}

}  // namespace diffusion
