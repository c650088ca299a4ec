// UniPC in data prediction: Zhao et al. 2023, "UniPC: A Unified Predictor-Corrector
// Framework for Fast Sampling of Diffusion Models", Alg. 1 and 2. The corrector at a
// level uses the evaluation that the next predictor needs anyway.
#include <cmath>
#include <vector>

#include "lib/noise/combine.hpp"
#include "lib/sample/solvers/history.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {
namespace {

/// B(h) of Sec. 3.1: h, or e^h - 1.
enum class Basis { bh1, bh2 };

struct Settings {
  std::size_t order;
  Basis basis;
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

/// Weights rho of the scaled differences at the places r, so that polynomials of their
/// degree are integrated exactly (Eq. 11 of the paper), times B(h); h < 0 is minus the
/// step in half log-SNR.
std::vector<double> weights(std::span<const double> r, double h, Basis basis) {
  const double B = basis == Basis::bh1 ? h : std::expm1(h);
  if (r.size() == 1) return {0.5 * B};  // as the paper's code: the order is the same
  std::vector<std::vector<double>> powers;
  std::vector<double> moments;
  double phi = std::expm1(h) / h - 1, factorial = 1;
  for (std::size_t i = 0; i < r.size(); ++i) {
    powers.emplace_back();
    for (const double each : r) powers.back().push_back(std::pow(each, double(i)));
    moments.push_back(phi * factorial / B);
    factorial *= double(i + 2);
    phi = phi / h - 1 / factorial;
  }
  std::vector<double> rho = solved(powers, moments);
  for (double& each : rho) each *= B;
  return rho;
}

/// The state at `to` from x at past[0]: predicted from `order` past estimates, or
/// corrected by `there` as well, the estimate made at the predicted state.
Tensor advanced(const Tensor& x, const History& past, const NoiseLevel& to, std::size_t order,
                const Tensor* there, const Settings& settings) {
  const NoiseLevel& from = past[0].at;
  const double h = from.lambda - to.lambda;
  std::vector<double> r;
  for (std::size_t k = 1; k < order; ++k) r.push_back((past[k].at.lambda - from.lambda) / -h);
  if (there) r.push_back(1);
  const std::vector<double> rho = r.empty() ? std::vector<double>{} : weights(r, h, settings.basis);
  std::vector<Summand> terms{{to.sigma / from.sigma, x},
                             {-to.alpha * std::expm1(h), past[0].value}};
  for (std::size_t k = 0; k < r.size(); ++k) {
    const double factor = -to.alpha * rho[k] / r[k];
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
    const Tensor x0 = run.denoise(predicted, from).x0;
    const bool correct = i > 0 && !run.grid[i - 1].pure_noise();
    Tensor x = correct ? advanced(before, past, from, order, &x0, settings) : predicted;
    past.add(x0, from);
    order = to.clean() ? 1 : order_of_step(settings.order, past, settings.ending, run, i);
    before = std::move(x);
    return advanced(before, past, to, order, nullptr, settings);
  });
}

}  // namespace

Sampler make_unipc(Params& params) {
  const std::int64_t order = params.integer("order", 2);
  if (order < 1 || order > 3) params.refuse("order", "must be 1, 2 or 3");
  const Basis basis = params.choice("basis", {"bh2", "bh1"}) == "bh1" ? Basis::bh1 : Basis::bh2;
  const Settings settings{std::size_t(order), basis, ending_from(params, Ending::lower)};
  return [settings](SampleRun run) { return unipc(std::move(run), settings); };
}

}  // namespace diffusion
