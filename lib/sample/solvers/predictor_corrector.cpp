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

enum class Predictor { reverse_diffusion, ancestral, probability_flow };

/// How long the corrector's steps are: by the norms of score and noise, or (annealed
/// Langevin dynamics) by the level's own scale.
enum class Corrector { norms, annealed };

/// What the ancestral predictor adds: the posterior's variance, or the forward step's.
enum class Added { small, large };

struct Settings {
  double snr;
  std::int64_t corrections;
  Predictor predictor;
  Corrector corrector;
  Added added;
};

double norm(const float* values, std::size_t count) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += double(values[i]) * values[i];
  return std::sqrt(sum);
}

/// sigma |z|/|eps|, so that score and noise are in a given ratio (Alg. 4 and 5), or sigma.
double step_scale(const float* eps, const float* z, std::size_t count, double sigma,
                  Corrector corrector) {
  if (corrector == Corrector::annealed) return sigma;
  const double slope = norm(eps, count);
  return slope == 0 ? 0 : sigma * norm(z, count) / slope;
}

/// One Langevin step. The norms are each sample's own; the paper's code takes the mean over
/// the batch.
Tensor corrected(const Tensor& x, const Tensor& eps, const Tensor& z, const NoiseLevel& at,
                 double decay, const Settings& settings) {
  Tensor out(x.shape());
  const std::size_t samples = x.shape()[0], each = x.size() / samples;
  for (std::size_t n = 0; n < samples; ++n) {
    const std::size_t first = n * each;
    const double ratio = settings.snr * step_scale(eps.data() + first, z.data() + first, each,
                                                   at.sigma, settings.corrector);
    const double step = 2 * decay * ratio * ratio;
    const auto drift = float(-step / at.sigma), spread = float(std::sqrt(2 * step));
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
    const bool large = settings.added == Added::large && !to.clean();
    const double fresh = large ? std::sqrt(forward_step(to, from).variance) : step.fresh;
    return with_noise(moved(denoised, eps, step.down), run, fresh, draw);
  }
  const ForwardStep forward = forward_step(to, from);
  const double scale = from.alpha / to.alpha;
  const bool flows = settings.predictor == Predictor::probability_flow;
  const double share = flows ? 0.5 : 1;
  const Tensor mean = combine(2 - scale, x, -share * forward.variance / from.sigma, eps);  // Eq. 46
  return with_noise(mean, run, flows || to.clean() ? 0 : std::sqrt(forward.variance), draw);
}

}  // namespace

Sampler make_predictor_corrector(Params& params) {
  Settings settings{params.number("snr", 0.16), params.integer("corrections", 1), {}, {}, {}};
  const std::string predictor =
      params.choice("predictor", {"reverse-diffusion", "ancestral", "probability-flow"});
  settings.predictor = predictor == "ancestral"          ? Predictor::ancestral
                       : predictor == "probability-flow" ? Predictor::probability_flow
                                                         : Predictor::reverse_diffusion;
  const bool annealed = params.choice("corrector", {"norms", "annealed"}) == "annealed";
  settings.corrector = annealed ? Corrector::annealed : Corrector::norms;
  const bool large = params.choice("variance", {"small", "large"}) == "large";
  settings.added = large ? Added::large : Added::small;
  if (large && settings.predictor != Predictor::ancestral)
    params.refuse("variance", "large is for predictor=ancestral");
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
        x = corrected(x, eps, run.noise(x.shape(), i * per_step + k + 1), from, scale * scale,
                      settings);
      }
      return predicted(run, x, settings, from, to, (i + 1) * per_step);
    });
  };
}

}  // namespace diffusion
