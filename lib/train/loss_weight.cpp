#include "lib/train/loss_weight.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/registry.hpp"

namespace diffusion {
namespace {

/// An error e of the prediction is an error k e of x0: k^2.
double x0_error_per_error(Prediction prediction, const NoiseLevel& at) {
  const double k = x0_recovery(prediction, at).from_prediction;
  return k * k;
}

/// A weight of the x0 error, given as a function of the SNR.
template <class OfSnr>
LossWeight on_x0(OfSnr of_snr) {
  return [of_snr](Prediction prediction, const NoiseLevel& at) {
    return of_snr(at.snr()) * x0_error_per_error(prediction, at);
  };
}

double positive(Params& params, const std::string& key, double fallback) {
  const double value = params.number(key, fallback);
  if (!(value > 0 && std::isfinite(value)))
    params.refuse(key, "must be positive, got " + shortest(value));
  return value;
}

LossWeight make_uniform(Params&) {
  return [](Prediction, const NoiseLevel&) { return 1.0; };
}

LossWeight make_snr(Params&) {
  return on_x0([](double snr) { return snr; });
}

LossWeight make_truncated_snr(Params&) {
  return on_x0([](double snr) { return std::max(snr, 1.0); });
}

LossWeight make_min_snr(Params& params) {
  const double gamma = positive(params, "gamma", 5);
  return on_x0([gamma](double snr) { return std::min(snr, gamma); });
}

LossWeight make_p2(Params& params) {
  const double k = positive(params, "k", 1), gamma = params.number("gamma", 1);
  if (!(gamma >= 0 && std::isfinite(gamma))) params.refuse("gamma", "must not be negative");
  return on_x0([=](double snr) { return snr / std::pow(k + snr, gamma); });
}

LossWeight make_debiased(Params&) {
  return on_x0([](double snr) { return std::sqrt(snr); });
}

// (s^2 + sd^2)/(s sd)^2 with s = 1/sqrt(SNR): 1 on what an EDM network predicts.
LossWeight make_edm(Params&) {
  return on_x0([](double snr) { return snr + 1 / (sigma_data * sigma_data); });
}

/// Whether the level lies nearer to alpha + sigma = 1 than to the circle.
bool is_straight(const NoiseLevel& at) {
  return std::abs(at.alpha + at.sigma - 1) < std::abs(std::hypot(at.alpha, at.sigma) - 1);
}

constexpr double shortest_tau = 0.05;

// An error of x0 is one of the velocity, 1/sigma times as large: on the circle 1/sigma^2 = SNR + 1.
LossWeight make_velocity(Params&) {
  return [](Prediction prediction, const NoiseLevel& at) {
    const double of_x0 =
        is_straight(at) ? std::pow(std::max(at.sigma, shortest_tau), -2) : at.snr() + 1;
    return of_x0 * x0_error_per_error(prediction, at);
  };
}

constexpr LossWeightInfo rows[] = {
    {"uniform", "1 on what the network predicts", "Ho et al. 2020, Eq. 14", make_uniform},
    {"snr", "SNR on x0", "Salimans and Ho 2022, Sec. 4", make_snr},
    {"truncated-snr", "max(SNR, 1) on x0", "Salimans and Ho 2022, Sec. 4", make_truncated_snr},
    {"min-snr", "min(SNR, gamma) on x0, gamma = 5", "Hang et al. 2023", make_min_snr},
    {"p2", "SNR/(k + SNR)^gamma on x0, k = 1, gamma = 1", "Choi et al. 2022, Eq. 8", make_p2},
    {"debiased", "sqrt(SNR) on x0", "Yu et al. 2023", make_debiased},
    {"edm", "SNR + 1/sigma_data^2 on x0, sigma_data = 0.5", "Karras et al. 2022, Table 1",
     make_edm},
    {"velocity", "SNR + 1 on x0, or 1/max(tau, 0.05)^2 on the straight path",
     "Li and He 2025, Sec. 4", make_velocity},
};

}  // namespace

std::span<const LossWeightInfo> loss_weights() { return rows; }

std::span<const Synonym> LossWeightInfo::synonyms() {
  static constexpr Synonym names[] = {{"min-snr-gamma", "min-snr"}, {"none", "uniform"}};
  return names;
}

LossWeight make_loss_weight(const std::string& spec) {
  return make_from(loss_weights(), spec, "loss weight");
}

}  // namespace diffusion
