#include "lib/train/power_profile.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <tuple>

namespace diffusion {
namespace {

constexpr double rounding = 1e-12;  // of sums whose terms are near 1

/// Falls with gamma from 0 on.
double sigma_rel_of(double gamma) { return std::sqrt((gamma + 1) / (gamma + 3)) / (gamma + 2); }

/// Solves A x = b of a symmetric semi-definite matrix by the Cholesky factorisation with complete
/// pivoting: the unknowns that it leaves out, which others express, are 0.
class PivotedCholesky {
 public:
  explicit PivotedCholesky(const std::vector<std::vector<double>>& matrix) : size_(matrix.size()) {
    std::vector<double> left(size_);
    for (std::size_t i = 0; i < size_; ++i) left[i] = matrix[i][i];
    const double enough = smallest * *std::ranges::max_element(left);
    while (order_.size() < size_) {
      const auto pivot = std::size_t(std::ranges::max_element(left) - left.begin());
      if (left[pivot] <= enough) break;
      add_row(matrix, pivot, left);
    }
  }

  std::vector<double> solve(const std::vector<double>& b) const {
    const std::size_t rank = order_.size();
    std::vector<double> y(rank), x(size_, 0);
    for (std::size_t k = 0; k < rank; ++k) {
      y[k] = b[order_[k]];
      for (std::size_t m = 0; m < k; ++m) y[k] -= rows_[m][order_[k]] * y[m];
      y[k] /= rows_[k][order_[k]];
    }
    for (std::size_t k = rank; k-- > 0;) {
      for (std::size_t m = k + 1; m < rank; ++m) y[k] -= rows_[k][order_[m]] * x[order_[m]];
      x[order_[k]] = y[k] / rows_[k][order_[k]];
    }
    return x;
  }

 private:
  static constexpr double smallest = 1e-13;  // of the largest: below it rounding rules

  /// Takes its part out of what is `left` of each diagonal.
  void add_row(const std::vector<std::vector<double>>& matrix, std::size_t pivot,
               std::vector<double>& left) {
    std::vector<double> row(size_);
    const double root = std::sqrt(left[pivot]);
    for (std::size_t i = 0; i < size_; ++i) {
      row[i] = matrix[pivot][i];
      for (const auto& before : rows_) row[i] -= before[pivot] * before[i];
      row[i] /= root;
      left[i] -= row[i] * row[i];
    }
    row[pivot] = root;
    order_.push_back(pivot);
    rows_.push_back(std::move(row));
    for (const std::size_t taken : order_) left[taken] = 0;
  }

  std::size_t size_;
  std::vector<std::size_t> order_;
  std::vector<std::vector<double>> rows_;
};

/// By Lagrange's multiplier: `way` is where the constraint pulls.
void add_up_to_1(std::vector<double>& x, const std::vector<double>& way,
                 const std::vector<double>& in_sum) {
  const auto sum = [&](const std::vector<double>& of) {
    return std::inner_product(of.begin(), of.end(), in_sum.begin(), 0.0);
  };
  const double more = (1 - sum(x)) / sum(way);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += more * way[i];
}

}  // namespace

double gamma_of(double sigma_rel) {
  assert(sigma_rel >= least_sigma_rel && sigma_rel <= most_sigma_rel);
  double low = 0, high = 2 / sigma_rel;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (sigma_rel_of(middle) > sigma_rel ? low : high) = middle;
  }
  return (low + high) / 2;
}

double power_share(double gamma, std::uint64_t update) {
  assert(update > 0);
  return -std::expm1((gamma + 1) * std::log1p(-1 / double(update)));
}

double product(const PowerProfile& a, const PowerProfile& b) {
  const auto& [early, late] = a.end <= b.end ? std::tie(a, b) : std::tie(b, a);
  return (a.gamma + 1) * (b.gamma + 1) / (a.gamma + b.gamma + 1) / late.end *
         std::pow(early.end / late.end, late.gamma);
}

ProfileFit fit_profile(std::span<const PowerProfile> kept, const PowerProfile& wanted) {
  const std::size_t count = kept.size();
  assert(count > 0);
  // In multiples of profiles of norm 1, so that no pivot is large by its units.
  const double norm = std::sqrt(product(wanted, wanted));
  std::vector<double> length(count), b(count), in_sum(count);
  std::vector<std::vector<double>> matrix(count, std::vector<double>(count));
  for (std::size_t i = 0; i < count; ++i) length[i] = std::sqrt(product(kept[i], kept[i]));
  for (std::size_t i = 0; i < count; ++i) {
    b[i] = product(kept[i], wanted) / (length[i] * norm);
    in_sum[i] = norm / length[i];
    for (std::size_t k = 0; k < count; ++k)
      matrix[i][k] = product(kept[i], kept[k]) / (length[i] * length[k]);
  }
  const PivotedCholesky factors(matrix);
  ProfileFit fit{factors.solve(b), 0};
  add_up_to_1(fit.shares, factors.solve(in_sum), in_sum);
  double square = 1;
  for (std::size_t i = 0; i < count; ++i) {
    square -= 2 * fit.shares[i] * b[i];
    for (std::size_t k = 0; k < count; ++k) square += fit.shares[i] * fit.shares[k] * matrix[i][k];
  }
  fit.error = square < rounding ? 0 : std::sqrt(square);
  for (std::size_t i = 0; i < count; ++i) fit.shares[i] *= in_sum[i];
  return fit;
}

}  // namespace diffusion
