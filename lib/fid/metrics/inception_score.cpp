#include "lib/fid/metrics/inception_score.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lib/fid/metrics/numpy_draws.hpp"

namespace diffusion {
namespace {

/// Sums over the samples of one part.
struct Part {
  std::size_t count = 0;
  double negative_entropy = 0;  // sum of p log p
  std::vector<double> classes;  // sum of p
};

void add(Part& part, const float* logits, std::size_t classes) {
  part.classes.resize(classes, 0);
  const double largest = *std::max_element(logits, logits + classes);
  double total = 0;
  for (std::size_t c = 0; c < classes; ++c) total += std::exp(double(logits[c]) - largest);
  const double log_total = std::log(total) + largest;
  for (std::size_t c = 0; c < classes; ++c) {
    const double log_p = double(logits[c]) - log_total, p = std::exp(log_p);
    part.classes[c] += p;
    part.negative_entropy += p * log_p;
  }
  ++part.count;
}

// E KL(p || q) = E sum p log p - sum q log q, with q the mean of p.
double score(const Part& part) {
  const double n = double(part.count);
  double divergence = part.negative_entropy / n;
  for (const double sum : part.classes)
    if (sum > 0) divergence -= sum / n * std::log(sum / n);
  return std::exp(divergence);
}

enum class Order { dealt, contiguous, torch_fidelity };

Order order_named(const std::string& name) {
  return name == "dealt"        ? Order::dealt
         : name == "contiguous" ? Order::contiguous
                                : Order::torch_fidelity;
}

/// The part of each sample. Consecutive parts begin at floor(part count/splits).
std::vector<std::size_t> parts_of(std::size_t count, std::size_t splits, Order order) {
  std::vector<std::size_t> parts(count);
  if (order == Order::dealt) {
    for (std::size_t i = 0; i < count; ++i) parts[i] = i % splits;
    return parts;
  }
  std::vector<std::size_t> samples(count);
  std::iota(samples.begin(), samples.end(), std::size_t(0));
  if (order == Order::torch_fidelity) samples = NumpyDraws(torch_fidelity_seed).permutation(count);
  for (std::size_t i = 0, part = 0; i < count; ++i) {
    while (i >= (part + 1) * count / splits) ++part;
    parts[samples[i]] = part;
  }
  return parts;
}

std::vector<double> scores(const RowsView& logits, std::size_t splits, Order order) {
  const std::vector<std::size_t> part_of = parts_of(logits.count, splits, order);
  std::vector<Part> parts(splits);
  std::size_t i = 0;
  sweep(logits, [&](const RowsView& portion) {
    for (std::size_t r = 0; r < portion.count; ++r, ++i)
      add(parts[part_of[i]], portion.row(r), logits.dims);
  });
  std::vector<double> out;
  for (const Part& each : parts) out.push_back(score(each));
  return out;
}

}  // namespace

double inception_score(const RowsView& logits) { return scores(logits, 1, Order::dealt)[0]; }

Metric inception_score_metric(Params& params, const std::uint64_t&) {
  const std::int64_t splits = params.integer("splits", 10);
  if (splits < 1) params.refuse("splits", "must be at least 1");
  const Order order =
      order_named(params.choice("order", {"dealt", "contiguous", "torch-fidelity"}));
  const auto evaluate = [=](const FeatureSet&, const FeatureSet& fake) {
    need_images(fake, FeatureKind::logits, std::size_t(splits));
    const auto values = scores(fake.rows.at(FeatureKind::logits), std::size_t(splits), order);
    const MeanAndDeviation all = mean_and_deviation(values);
    return std::vector<MetricValue>{{"inception_score_mean", all.mean},
                                    {"inception_score_std", all.deviation}};
  };
  return {.kind = FeatureKind::logits,
          .of_real = std::nullopt,
          .of_fake = Account::rows,
          .evaluate = evaluate};
}

}  // namespace diffusion
