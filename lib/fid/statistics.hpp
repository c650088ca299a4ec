// Mean and covariance of features, accumulated batch by batch.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "lib/base/json.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// What is remembered of the d features of `count` images. The covariance has
/// divisor count - 1. While count <= d the rows themselves are the smaller and
/// the more exact account of it, and `covariance` is empty.
struct FeatureStatistics {
  std::string source;                // for messages: the DATA argument
  std::size_t count = 0;             // images; 0: not known (published files)
  Array mean;                        // d
  Array covariance;                  // d x d, or empty
  Tensor rows;                       // count x d, or empty
  Json provenance = Json::object();  // what made the features; empty: not known

  std::size_t dims() const { return mean.size(); }
  bool keeps_rows() const { return rows.dimension() == 2; }
  /// Of no images: a part of a set that had too few for all parts.
  bool holds_nothing() const { return dims() == 0; }
};

/// The covariance (d x d), also where rows are kept; zeros of one image.
Array covariance_of(const FeatureStatistics& statistics);

/// Statistics of the union of disjoint parts, equal to those of the whole to
/// rounding. Chan, Golub, LeVeque 1979, "Updating Formulae and a Pairwise Algorithm
/// for Computing Sample Variances". Parts may be of one image, or of none. Throws Error when
/// a count is not known or features differ.
FeatureStatistics merge(std::span<const FeatureStatistics> parts);

/// Throws Error, naming the first key that differs, when two sets of features were
/// made in different ways.
void check_same_provenance(const FeatureStatistics& a, const FeatureStatistics& b);

/// How many features an image of a set has.
struct KnownWidth {
  std::string source;  // for messages
  std::size_t dims;
};

/// Throws Error where they differ.
void check_same_width(const KnownWidth& a, const KnownWidth& b);

/// What is told of a set's features, and whose set it is.
struct Origin {
  const std::string& source;
  const Json& provenance;
};

/// The same before there are features. The version of the tool may differ, the file that
/// weights came in, and how arrays were read; also the name of features, where the weights are
/// said to be the same.
void check_same_origin(const Origin& a, const Origin& b);

/// Count, mean and scatter matrix (the sum of squared deviations, lower triangle).
struct Moments {
  std::size_t count = 0;
  Array mean, scatter;
};

/// Takes rows in any portions; the result depends only on the sequence of rows.
/// Memory: d x d, however many rows come.
class StatisticsAccumulator {
 public:
  /// `source` opens the messages of errors.
  explicit StatisticsAccumulator(std::string source) : source_(std::move(source)) {}

  /// n x d. Throws Error when d changes or a value is not finite.
  void add(const Tensor& rows);

  std::size_t count() const { return count_; }

  FeatureStatistics finish(Json provenance) &&;

 private:
  void fold(std::size_t rows);

  std::string source_;
  std::size_t dims_ = 0, count_ = 0;
  std::vector<float> pending_;  // rows that are not in moments_ yet
  Moments moments_;
};

}  // namespace diffusion
