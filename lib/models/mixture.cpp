#include "lib/models/mixture.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/parallel.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

constexpr double no_density = -std::numeric_limits<double>::infinity();

/// log of weight times density of one noisy component at x, up to a constant.
double log_joint(const Mixture& mixture, std::size_t k, const float* x, const NoiseLevel& at) {
  const auto& mean = mixture.means[k];
  const double variance = std::pow(at.alpha * mixture.stds[k], 2) + at.sigma * at.sigma;
  double distance = 0;
  for (std::size_t i = 0; i < mean.size(); ++i) distance += std::pow(x[i] - at.alpha * mean[i], 2);
  if (variance == 0) return distance == 0 ? 0 : no_density;
  return std::log(mixture.weights[k]) - distance / (2 * variance) -
         double(mean.size()) / 2 * std::log(variance);
}

/// p(component | x), over the components of `label`.
std::vector<double> responsibilities(const Mixture& mixture, const float* x, const NoiseLevel& at,
                                     int label) {
  std::vector<double> share(mixture.weights.size(), no_density);
  for (std::size_t k = 0; k < share.size(); ++k)
    if (label < 0 || mixture.labels[k] == label) share[k] = log_joint(mixture, k, x, at);
  const double top = std::ranges::max(share);
  double sum = 0;
  for (double& s : share) sum += s = std::exp(s - top);
  for (double& s : share) s /= sum;
  return share;
}

JsonAt need(const JsonAt& file, const char* key, const std::string& path) {
  if (!file.json().is_object() || !file.json().contains(key))
    throw Error(path + ": not a mixture: it has no \"" + key + "\" (needs weights, means, stds)");
  return file[key];
}

void refuse_other_keys(const Json& json, const std::string& path) {
  const std::vector<std::string> known{"weights", "means", "stds", "shape", "labels"};
  for (const auto& [key, value] : json.items())
    if (std::ranges::find(known, key) == known.end())
      throw Error(path + ": no key '" + key + "' in a mixture (has: " + join(known, ", ") + ")");
}

void read_shape(const JsonAt& file, const std::string& path, Mixture& mixture) {
  constexpr std::int64_t most = 1'000'000;
  const std::size_t size = mixture.means[0].size();
  mixture.shape = {1, 1, size};
  const auto given = file.find("shape");
  if (!given) return;
  if (!given->json().is_array() || given->json().size() != 3) given->refuse("[H, W, C]");
  std::ranges::transform(given->array(), mixture.shape.begin(),
                         [](const JsonAt& at) { return std::size_t(at.whole(1, most)); });
  if (count(mixture.shape) != size)
    throw Error(path + ": shape " + describe(mixture.shape) + " does not hold means of " +
                std::to_string(size) + " numbers");
}

void read_labels(const JsonAt& file, const std::string& path, Mixture& mixture) {
  const auto given = file.find("labels");
  if (!given) return;
  const auto components = std::int64_t(mixture.weights.size());
  for (const JsonAt& label : given->array())
    mixture.labels.push_back(int(label.whole(0, components - 1)));
  if (mixture.labels.size() != mixture.weights.size())
    throw Error(path + ": labels must have an entry for each of the " + std::to_string(components) +
                " components");
  for (int label = 0; label < std::ranges::max(mixture.labels); ++label)
    if (std::ranges::find(mixture.labels, label) == mixture.labels.end())
      throw Error(path + ": labels leave out " + std::to_string(label) +
                  "; they count from 0 without a gap");
}

}  // namespace

Denoised Mixture::denoise(const Tensor& x_t, const NoiseLevel& at,
                          std::span<const int> label) const {
  Denoised result{Tensor(x_t.shape()), Tensor(x_t.shape()), {}};
  const std::size_t size = means[0].size();
  const auto denoise_one = [&](std::size_t n) {
    const float* x = x_t.data() + n * size;
    const auto share = responsibilities(*this, x, at, label.empty() ? -1 : label[n]);
    for (std::size_t i = 0; i < size; ++i) {
      double x0 = 0, eps = 0;
      for (std::size_t k = 0; k < share.size(); ++k) {
        const double variance = std::pow(at.alpha * stds[k], 2) + at.sigma * at.sigma;
        const double off = x[i] - at.alpha * means[k][i];
        const double pull = variance == 0 ? 0 : off / variance;
        x0 += share[k] * (means[k][i] + at.alpha * stds[k] * stds[k] * pull);
        eps += share[k] * at.sigma * pull;
      }
      result.x0.data()[n * size + i] = float(x0);
      result.eps->data()[n * size + i] = float(eps);
    }
  };
  constexpr std::size_t grain = 1 << 12;  // terms of the sums: below that one thread is faster
  parallel_ranges(x_t.size() / size, grain / (size * weights.size()),
                  [&](std::size_t begin, std::size_t end) {
                    for (std::size_t n = begin; n < end; ++n) denoise_one(n);
                  });
  return result;
}

Pulled Mixture::pull(const Tensor& x_t, const NoiseLevel& at, const Tensor& v,
                     std::span<const int> label) const {
  Pulled result{denoise(x_t, at, label).x0, Tensor(x_t.shape())};
  const std::size_t size = means[0].size();
  for (std::size_t n = 0; n < x_t.size() / size; ++n) {
    const float *const x = x_t.data() + n * size, *const along = v.data() + n * size;
    const auto share = responsibilities(*this, x, at, label.empty() ? -1 : label[n]);
    std::vector<double> pulled(size), mean_slope(size);  // of log p(x | component)
    double mean_product = 0;                             // <v, x0>
    for (std::size_t k = 0; k < share.size(); ++k) {
      const double variance = std::pow(at.alpha * stds[k], 2) + at.sigma * at.sigma;
      if (share[k] == 0 || variance == 0) continue;
      const double shrink = at.alpha * stds[k] * stds[k] / variance;
      double product = 0;  // of v with what the component makes of x
      for (std::size_t i = 0; i < size; ++i)
        product += along[i] * (means[k][i] + shrink * (x[i] - at.alpha * means[k][i]));
      for (std::size_t i = 0; i < size; ++i) {
        const double slope = -share[k] * (x[i] - at.alpha * means[k][i]) / variance;
        pulled[i] += share[k] * shrink * along[i] + product * slope;
        mean_slope[i] += slope;
      }
      mean_product += share[k] * product;
    }
    for (std::size_t i = 0; i < size; ++i)
      result.derivative.data()[n * size + i] = float(pulled[i] - mean_product * mean_slope[i]);
  }
  return result;
}

Mixture read_mixture(const std::string& path) {
  const Json json = read_json(path);
  Mixture mixture;
  const JsonAt file(json, path);
  mixture.weights = need(file, "weights", path).numbers();
  mixture.stds = need(file, "stds", path).numbers();
  for (const JsonAt& mean : need(file, "means", path).array())
    mixture.means.push_back(mean.numbers());
  refuse_other_keys(json, path);

  const std::size_t components = mixture.weights.size();
  if (mixture.means.size() != components || mixture.stds.size() != components)
    throw Error(path + ": weights, means and stds must have as many entries each");
  for (const auto& mean : mixture.means) {
    if (mean.size() != mixture.means[0].size())
      throw Error(path + ": means must all have the same length");
    if (!std::ranges::all_of(mean, [](double x) { return std::isfinite(x); }))
      throw Error(path + ": means must be finite numbers");
  }
  for (const double weight : mixture.weights)
    if (!(weight > 0 && std::isfinite(weight))) throw Error(path + ": weights must be positive");
  for (const double std : mixture.stds)
    if (!(std >= 0 && std::isfinite(std))) throw Error(path + ": stds must not be negative");
  const double total = std::accumulate(mixture.weights.begin(), mixture.weights.end(), 0.0);
  for (double& weight : mixture.weights) weight /= total;
  read_shape(file, path, mixture);
  read_labels(file, path, mixture);
  return mixture;
}

Denoiser denoiser_of(const std::shared_ptr<const Mixture>& mixture,
                     const std::vector<int>& labels) {
  return DifferentiableDenoiser{
      [=](const Tensor& x_t, const NoiseLevel& at) { return mixture->denoise(x_t, at, labels); },
      [=](const Tensor& x_t, const NoiseLevel& at, const Tensor& v) {
        return mixture->pull(x_t, at, v, labels);
      }};
}

Model load_mixture(const std::string& path, const ModelOptions&) {
  const auto mixture = std::make_shared<const Mixture>(read_mixture(path));
  Model model{.shape = mixture->shape, .schedule = {}, .denoiser = {}};
  for (const int label : mixture->labels) model.labels = std::max(model.labels, label + 1);
  model.denoiser = [mixture](std::span<const int> labels) {
    return denoiser_of(mixture, {labels.begin(), labels.end()});
  };
  return model;
}

}  // namespace diffusion
