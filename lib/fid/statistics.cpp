#include "lib/fid/statistics.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/text.hpp"
#include "lib/fid/reading_record.hpp"
#include "lib/tensor/finite.hpp"
#include "lib/tensor/linalg.hpp"

namespace diffusion {
namespace {

/// Rows folded at a time. Part of the result's rounding, hence one fixed number.
constexpr std::size_t chunk = 256;

/// A covariance of more features would take over 2 GB: the wrong tool for raw pixels.
constexpr std::size_t most_dims = 16384;

Array zeros(std::size_t rows, std::size_t columns) { return xt::zeros<double>({rows, columns}); }

/// Chan 1979, Eq. 2.1: the scatter of a union is the sum of the parts' scatters plus
/// that of two points at their means. `spread` is that last part as one row: its
/// outer product is what to add.
void move_mean(Moments& all, const double* mean, std::size_t count, double* spread) {
  const double total = double(all.count + count);
  const double weight = std::sqrt(double(all.count) * double(count) / total);
  for (std::size_t j = 0; j < all.mean.size(); ++j) {
    const double difference = mean[j] - all.mean[j];
    spread[j] = weight * difference;
    all.mean[j] += difference * double(count) / total;
  }
  all.count += count;
}

Moments no_moments(const std::string& source, std::size_t dims) {
  if (dims > most_dims)
    throw Error(source + ": a covariance of " + std::to_string(dims) + " features takes " +
                human_bytes(8.0 * double(dims) * double(dims)) + "; the most is " +
                std::to_string(most_dims) + " (make the images smaller with `size`)");
  Array mean = xt::zeros<double>({dims});
  return {0, std::move(mean), zeros(dims, dims)};
}

/// Deviations of `count` rows from their mean, and room for one row more.
Array centred(const float* rows, std::size_t count, std::size_t dims, std::vector<double>& mean) {
  mean.assign(dims, 0);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < dims; ++j) mean[j] += rows[i * dims + j];
  for (double& value : mean) value /= double(count);
  Array out = zeros(count + 1, dims);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < dims; ++j)
      out.data()[i * dims + j] = double(rows[i * dims + j]) - mean[j];
  return out;
}

void add_rows(Moments& moments, const float* rows, std::size_t count) {
  const std::size_t dims = moments.mean.size();
  std::vector<double> mean;
  Array deviations = centred(rows, count, dims, mean);
  move_mean(moments, mean.data(), count, deviations.data() + count * dims);
  add_gram(moments.scatter, deviations);
}

void add_chunks(Moments& moments, const float* rows, std::size_t count) {
  for (std::size_t done = 0; done < count; done += chunk)
    add_rows(moments, rows + done * moments.mean.size(), std::min(chunk, count - done));
}

/// Of one image: zeros.
Array covariance_from(Moments moments) {
  mirror_lower(moments.scatter);
  const double divisor = double(std::max<std::size_t>(2, moments.count) - 1);
  for (double& value : moments.scatter) value /= divisor;
  return std::move(moments.scatter);
}

void check_mergeable(const FeatureStatistics& part) {
  if (part.count == 0 && !part.holds_nothing())
    throw Error(part.source + ": holds no n, which merging needs");
}

/// What is said of `key`; without a word precision is float32.
Json said(const Json& provenance, const std::string& key) {
  const auto told = JsonAt(provenance, "").find(key);
  return told ? told->json() : Json(key == "precision" ? "float32" : "none");
}

/// Without what only some of the parts' arrays had.
Json common_provenance(const FeatureStatistics& first, std::span<const FeatureStatistics> parts) {
  Json common = Json::object();
  for (const auto& item : first.provenance.items()) {
    const auto says_so = [&](const FeatureStatistics& part) {
      return part.holds_nothing() || said(part.provenance, item.key()) == item.value();
    };
    if (!is_of_arrays(item.key()) || std::ranges::all_of(parts, says_so))
      common[item.key()] = item.value();
  }
  return common;
}

}  // namespace

void StatisticsAccumulator::add(const Tensor& rows) {
  assert(rows.dimension() == 2);
  const std::size_t n = rows.shape()[0], d = rows.shape()[1];
  if (n == 0) return;
  if (dims_ == 0) dims_ = d;
  if (d != dims_)
    throw Error(source_ + ": " + std::to_string(d) + " features where those before have " +
                std::to_string(dims_));
  if (const auto odd = first_not_finite({rows.data(), rows.size()}))
    throw Error(source_ + ": features of image " + std::to_string(count_ + *odd / d) +
                " (from 0) are " + not_finite);
  pending_.insert(pending_.end(), rows.begin(), rows.end());
  count_ += n;
  if (count_ > dims_) fold(pending_.size() / dims_ / chunk * chunk);
}

void StatisticsAccumulator::fold(std::size_t rows) {
  if (rows == 0) return;
  if (moments_.count == 0) moments_ = no_moments(source_, dims_);
  add_chunks(moments_, pending_.data(), rows);
  pending_.erase(pending_.begin(), pending_.begin() + std::ptrdiff_t(rows * dims_));
}

FeatureStatistics StatisticsAccumulator::finish(Json provenance) && {
  FeatureStatistics out;
  out.source = std::move(source_);
  out.count = count_;
  out.provenance = std::move(provenance);
  if (count_ > dims_) {
    fold(pending_.size() / dims_);
    out.mean = moments_.mean;
    out.covariance = covariance_from(std::move(moments_));
  } else {
    std::vector<double> mean;
    if (count_ > 0) centred(pending_.data(), count_, dims_, mean);
    out.mean = Array(Array::shape_type{mean.size()});
    std::copy(mean.begin(), mean.end(), out.mean.begin());
    out.rows = Tensor(Shape{count_, dims_});
    std::copy(pending_.begin(), pending_.end(), out.rows.begin());
  }
  return out;
}

Array covariance_of(const FeatureStatistics& statistics) {
  if (!statistics.keeps_rows()) return statistics.covariance;
  Moments moments = no_moments(statistics.source, statistics.dims());
  add_chunks(moments, statistics.rows.data(), statistics.count);
  return covariance_from(std::move(moments));
}

FeatureStatistics merge(std::span<const FeatureStatistics> parts) {
  assert(!parts.empty());
  const auto whole = std::ranges::find_if_not(parts, &FeatureStatistics::holds_nothing);
  const FeatureStatistics& first = whole == parts.end() ? parts.front() : *whole;
  Moments all = no_moments(first.source, first.dims());
  for (const FeatureStatistics& part : parts) {
    check_mergeable(part);
    check_same_origin({first.source, first.provenance}, {part.source, part.provenance});
    if (part.holds_nothing()) continue;
    check_same_provenance(first, part);
    const Array covariance = covariance_of(part);
    for (std::size_t i = 0; i < covariance.size(); ++i)
      all.scatter.data()[i] += covariance.data()[i] * double(part.count - 1);
    Array spread = zeros(1, first.dims());
    move_mean(all, part.mean.data(), part.count, spread.data());
    add_gram(all.scatter, spread);
  }
  FeatureStatistics out{first.source, all.count, all.mean, {}, {}, common_provenance(first, parts)};
  out.covariance = covariance_from(std::move(all));
  return out;
}

namespace {

struct Difference {
  std::string what, of_a, of_b;
};

Error not_comparable(const Origin& a, const Origin& b, const Difference& difference) {
  const auto& [what, of_a, of_b] = difference;
  return Error(b.source + ": " + what + " " + of_b + " where " + a.source + " has " + of_a +
               ": not comparable");
}

}  // namespace

void check_same_provenance(const FeatureStatistics& a, const FeatureStatistics& b) {
  const Origin of_a{a.source, a.provenance}, of_b{b.source, b.provenance};
  check_same_width({a.source, a.dims()}, {b.source, b.dims()});
  check_same_origin(of_a, of_b);
}

void check_same_width(const KnownWidth& a, const KnownWidth& b) {
  const Json unknown = Json::object();
  if (a.dims != b.dims)
    throw not_comparable({a.source, unknown}, {b.source, unknown},
                         {"number of features", std::to_string(a.dims), std::to_string(b.dims)});
}

void check_same_origin(const Origin& a, const Origin& b) {
  if (a.provenance.empty() || b.provenance.empty()) return;
  const bool same_weights = a.provenance.contains("weights") &&
                            said(a.provenance, "weights") == said(b.provenance, "weights");
  const auto both_say = [&](const std::string& key) {
    return a.provenance.contains(key) && b.provenance.contains(key);
  };
  const auto matters = [&](const std::string& key) {
    return key != "tool" && key != "weights_file" && key != "logits" && !is_of_arrays(key) &&
           !(key == "features" && same_weights) && (!may_be_natural(key) || both_say(key));
  };
  for (const Json* keys : {&a.provenance, &b.provenance})
    for (const auto& item : keys->items()) {
      const Json x = said(a.provenance, item.key()), y = said(b.provenance, item.key());
      if (matters(item.key()) && x != y)
        throw not_comparable(a, b, {item.key(), shown(x), shown(y)});
    }
}

}  // namespace diffusion
