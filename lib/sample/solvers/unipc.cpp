// UniPC in data or noise prediction: Zhao et al. 2023, "UniPC: A Unified
// Predictor-Corrector Framework for Fast Sampling of Diffusion Models", Alg. 1 and 2. The
// corrector at a level uses the evaluation that the next predictor needs anyway.
#include <cmath>
#include <vector>

#include "lib/noise/combine.hpp"
#include "lib/sample/solvers/exponential.hpp"
#include "lib/sample/solvers/history.hpp"

namespace diffusion {
namespace {

/// B(h) of Sec. 3.1: h, or e^h - 1; or the varying coefficients of App. C.
enum class Basis { bh1, bh2, vary };

/// Whether a predicted state is corrected when the estimate there is known.
enum class Corrector { on, off };

struct Settings {
  Of of;
  std::size_t order;
  Basis basis;
  Corrector corrector;
  Ending ending;
};

/// Solves the small system by elimination with pivots; a is n x n, by rows.
std::vector<double> solved(std::vector<std::vector<double>> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t row = k; row < n; ++row)
      if (std::abs(a[row][k]) > std::abs(a[pivot][k])) pivot = row;
    std::swap(a[k], a[pivot]);
    std::swap(b[k], b[pivot]);
    for (std::size_t row = k + 1; row < n; ++row) {
      const double factor = a[row][k] / a[k][k];
      for (std::size_t col = k; col < n; ++col) a[row][col] -= factor * a[k][col];
      b[row] -= factor * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t col = k + 1; col < n; ++col) b[k] -= a[k][col] * b[col];
    b[k] /= a[k][k];
  }
  return b;
}

/// Rows 1, r, r^2, ... for as many places r.
std::vector<std::vector<double>> powers_of(std::span<const double> r) {
  std::vector<std::vector<double>> powers(r.size());
  for (std::size_t i = 0; i < r.size(); ++i)
    for (const double each : r) powers[i].push_back(std::pow(each, double(i)));
  return powers;
}

/// What polynomials r^0, r^1, ... are to integrate to: (i + 1)! phi_{i + 2}(h).
std::vector<double> moments_of(std::size_t count, double h) {
  std::vector<double> moments;
  double phi = phi_2(h), factorial = 1;
  for (std::size_t i = 0; i < count; ++i) {
    moments.push_back(phi * factorial);
    factorial *= double(i + 2);
    phi = phi / h - 1 / factorial;
  }
  return moments;
}

/// Weights of the scaled differences at the places r, so that polynomials of their degree
/// are integrated exactly (Eq. 11 of the paper).
std::vector<double> weights(std::span<const double> r, double h, Basis basis) {
  // As the paper's code: the order is the same.
  if (r.size() == 1 && basis != Basis::vary)
    return {0.5 * (basis == Basis::bh1 ? h : std::expm1(h))};
  return solved(powers_of(r), moments_of(r.size(), h));
}

/// The varying coefficients of a corrector, as the authors' code has them: their last sum
/// is cut short, which leaves an error of first order.
std::vector<double> cut_weights(std::span<const double> r, double h) {
  const std::size_t n = r.size(), last = std::max<std::size_t>(n, 2) - 2;
  const std::vector<double> moments = moments_of(n, h);
  std::vector<double> most = moments, one(n, 0);
  most.back() = 0;
  double factorial = 1;
  for (std::size_t i = last + 2; i <= n; ++i) factorial *= double(i);
  one[last] = moments.back() / factorial;
  std::vector<double> rho = solved(powers_of(r), most);
  rho.back() = solved(powers_of(r), one).back();
  return rho;
}

/// The state at `to` from x at past[0]: predicted from `order` past estimates, or
/// corrected by `there` as well, the estimate made at the predicted state.
Tensor advanced(const Tensor& x, const History& past, const NoiseLevel& to, std::size_t order,
                const Tensor* there, const Settings& settings) {
  const NoiseLevel& from = past[0].at;
  const auto [keep, lead, h] = exponential(settings.of, from, to);
  const double gap = to.lambda - from.lambda;
  std::vector<double> r;
  for (std::size_t k = 1; k < order; ++k) r.push_back((past[k].at.lambda - from.lambda) / gap);
  if (there) r.push_back(1);
  std::vector<double> rho;
  if (!r.empty())
    rho =
        there && settings.basis == Basis::vary ? cut_weights(r, h) : weights(r, h, settings.basis);
  std::vector<Summand> terms{{keep, x}, {-lead * std::expm1(h), past[0].value}};
  for (std::size_t k = 0; k < r.size(); ++k) {
    const double factor = -lead * rho[k] / r[k];
    terms[1].scale -= factor;
    terms.push_back({factor, there && k + 1 == r.size() ? *there : past[k + 1].value});
  }
  return sum(terms);
}

Tensor unipc(SampleRun run, const Settings& settings) {
  History past(settings.order);
  Tensor before;          // the state that the last step began from, corrected
  std::size_t order = 1;  // of the last step
  return along_grid(run, [&](const Tensor& predicted, const NoiseLevel& from, const NoiseLevel& to,
                             std::uint32_t i) {
    const Denoised denoised = run.denoise(predicted, from);
    const Tensor value = value_of(settings.of, denoised, predicted, from);
    const bool correct =
        settings.corrector == Corrector::on && i > 0 && !run.grid[i - 1].pure_noise();
    Tensor x = correct ? advanced(before, past, from, order, &value, settings) : predicted;
    past.add(value, from);
    if (settings.of == Of::eps && from.pure_noise()) return moved(denoised, value, to);
    if (settings.of == Of::eps && to.clean())
      return combine(1 / from.alpha, x, -from.sigma / from.alpha, value);
    order = to.clean() ? 1 : order_of_step(settings.order, past, settings.ending, run, i);
    before = std::move(x);
    return advanced(before, past, to, order, nullptr, settings);
  });
}

}  // namespace

Sampler make_unipc(Params& params) {
  const std::int64_t order = params.integer("order", 2);
  if (order < 1 || order > 3) params.refuse("order", "must be 1, 2 or 3");
  const std::string basis = params.choice("basis", {"bh2", "bh1", "vary"});
  const Of of = of_from(params);
  const bool corrects = params.choice("corrector", {"on", "off"}) == "on";
  const Settings settings{of, std::size_t(order),
                          basis == "bh1"   ? Basis::bh1
                          : basis == "bh2" ? Basis::bh2
                                           : Basis::vary,
                          corrects ? Corrector::on : Corrector::off,
                          ending_from(params, Ending::lower)};
  return [settings](SampleRun run) { return unipc(std::move(run), settings); };
}

}  // namespace diffusion
