// Predictor-corrector sampling: Song et al. 2021, "Score-Based Generative Modeling through
// Stochastic Differential Equations", Alg. 1 to 3: at each level Langevin steps, then a
// step of the reverse SDE.
#include <cmath>

#include "lib/noise/combine.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/sample/solvers/step.hpp"
#include "lib/schedule/transition.hpp"

namespace diffusion {
namespace {

enum class Predictor { reverse_diffusion, ancestral };

struct Settings {
  double snr;
  std::int64_t corrections;
  Predictor predictor;
};

double norm(const float* values, std::size_t count) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += double(values[i]) * values[i];
  return std::sqrt(sum);
}

/// One Langevin step, its size chosen so that score and noise are in the ratio `snr`
/// (Alg. 4 and 5). The norms are each sample's own; the paper's code takes the mean over
/// the batch.
Tensor corrected(const Tensor& x, const Tensor& eps, const Tensor& z, double score_scale,
                 double snr, double decay) {
  Tensor out(x.shape());
  const std::size_t samples = x.shape()[0], each = x.size() / samples;
  for (std::size_t n = 0; n < samples; ++n) {
    const std::size_t first = n * each;
    const double slope = norm(eps.data() + first, each) * std::abs(score_scale);
    const double ratio = slope == 0 ? 0 : snr * norm(z.data() + first, each) / slope;
    const double step = 2 * decay * ratio * ratio;
    const auto drift = float(step * score_scale), spread = float(std::sqrt(2 * step));
    for (std::size_t i = first; i < first + each; ++i)
      out.data()[i] = x.data()[i] + drift * eps.data()[i] + spread * z.data()[i];
  }
  return out;
}

Tensor predicted(const SampleRun& run, const Tensor& x, const Settings& settings,
                 const NoiseLevel& from, const NoiseLevel& to, std::uint32_t draw) {
  const Denoised denoised = run.denoise(x, from);
  const Tensor eps = eps_of(denoised, x, from);
  if (settings.predictor == Predictor::ancestral || from.pure_noise()) {
    const AncestralStep step = ancestral_step(from, to, 1);
    return with_noise(moved(denoised, eps, step.down), run, step.fresh, draw);
  }
  const ForwardStep forward = forward_step(to, from);
  const double scale = from.alpha / to.alpha;
  const Tensor mean = combine(2 - scale, x, -forward.variance / from.sigma, eps);  // Eq. 46
  return with_noise(mean, run, to.clean() ? 0 : std::sqrt(forward.variance), draw);
}

}  // namespace

Sampler make_predictor_corrector(Params& params) {
  const Settings settings{
      params.number("snr", 0.16), params.integer("corrections", 1),
      params.choice("predictor", {"reverse-diffusion", "ancestral"}) == "ancestral"
          ? Predictor::ancestral
          : Predictor::reverse_diffusion};
  if (!(settings.snr >= 0)) params.refuse("snr", "must not be negative");
  if (settings.corrections < 0 || settings.corrections > 1000)
    params.refuse("corrections", "must lie in 0..1000");
  return [settings](SampleRun run) {
    return along_grid(run, [&](const Tensor& start, const NoiseLevel& from, const NoiseLevel& to,
                               std::uint32_t i) {
      const auto per_step = std::uint32_t(settings.corrections + 1);
      const double scale = from.alpha / to.alpha;
      Tensor x = start;
      for (std::uint32_t k = 0; k + 1 < per_step && !from.pure_noise(); ++k) {
        const Tensor eps = eps_of(run.denoise(x, from), x, from);
        x = corrected(x, eps, run.noise(x.shape(), i * per_step + k + 1), -1 / from.sigma,
                      settings.snr, scale * scale);
      }
      return predicted(run, x, settings, from, to, (i + 1) * per_step);
    });
  };
}

}  // namespace diffusion
