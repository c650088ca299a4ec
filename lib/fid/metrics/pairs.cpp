#include "lib/fid/metrics/pairs.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "lib/base/interrupt.hpp"
#include "lib/base/parallel.hpp"
#include "lib/kernels/kernels.hpp"
#include "lib/tensor/linalg.hpp"

namespace diffusion {
namespace {

/// Squared distances of one row to all rows of a set: what float32 products tell of them,
/// and the distances themselves.
struct DistanceRow {
  std::size_t index;
  const float* row;
  RowsView others;
  const float* products;
  float square;
  const float* squares;
  float slack;

  /// The rounding of a product of d terms is at most about d 2^-24 |x| |y| (Higham 2002,
  /// Accuracy and Stability of Numerical Algorithms, Sec. 3.1).
  float error(std::size_t j) const { return slack * (square + squares[j]); }
  float least(std::size_t j) const { return square + squares[j] - 2 * products[j] - error(j); }
  float most(std::size_t j) const { return square + squares[j] - 2 * products[j] + error(j); }
  double exact(std::size_t j) const { return squared_distance(row, others.row(j), others.dims); }
  WideSquare wide(std::size_t j) const {
    return wide_squared_distance(row, others.row(j), others.dims);
  }
  /// By how much sums of squares in double may differ and still be of equal distances.
  double rounding(double of) const { return of * double(others.dims + 16) * 0x1p-52; }
};

std::vector<float> float_squares(const RowsView& rows) {
  const auto squares = squared_lengths(rows, std::vector<double>(rows.dims));
  return {squares.begin(), squares.end()};
}

void for_each_distance_row(const RowsView& a, const RowsView& b,
                           const std::function<void(const DistanceRow&)>& body) {
  const std::vector<float> of_a = float_squares(a), of_b = float_squares(b);
  const float slack = float(a.dims + 16) * 0x1p-24f;
  for_each_panel(a, b, [&](const ProductPanel& panel) {
    for (std::size_t r = 0; r < panel.rows; ++r) {
      const std::size_t i = panel.first + r;
      body({i, a.row(i), b, panel.row(r), of_a[i], of_b.data(), slack});
    }
  });
}

/// The k-th smallest upper bound: no row with a larger lower bound is among the nearest.
float enough(const DistanceRow& row, std::size_t k, std::size_t skipped) {
  std::vector<float> smallest(k, std::numeric_limits<float>::infinity());
  for (std::size_t j = 0; j < row.others.count; ++j) {
    const float bound = row.most(j);
    if (!(bound < smallest.back()) || j == skipped) continue;
    smallest.back() = bound;
    for (std::size_t place = k - 1; place > 0 && smallest[place] < smallest[place - 1]; --place)
      std::swap(smallest[place], smallest[place - 1]);
  }
  return smallest.back();
}

/// The k nearest, nearest first, and some more.
std::vector<Neighbour> near(const DistanceRow& row, std::size_t k, std::size_t skipped) {
  const float bound = enough(row, k, skipped);
  std::vector<Neighbour> found;
  for (std::size_t j = 0; j < row.others.count; ++j)
    if (j != skipped && !(row.least(j) > bound)) found.push_back({j, row.exact(j)});
  std::ranges::stable_sort(found, {}, &Neighbour::square);
  return found;
}

/// The squared distance to the k-th nearest other row; those that double cannot tell from it
/// are put in order by twice its digits.
WideSquare radius_of(const DistanceRow& row, std::size_t k) {
  const std::vector<Neighbour> found = near(row, k, row.index);
  const double about = found[k - 1].square, rounding = row.rounding(about);
  std::size_t nearer = 0;
  std::vector<WideSquare> tied;
  for (const Neighbour& each : found) {
    if (each.square < about - rounding) ++nearer;
    if (std::abs(each.square - about) <= rounding) tied.push_back(row.wide(each.index));
  }
  const auto radius = tied.begin() + std::ptrdiff_t(k - 1 - nearer);
  std::ranges::nth_element(tied, radius);
  return *radius;
}

Array away_from(std::span<const double> origin, const RowsView& rows) {
  Array out(Array::shape_type{rows.count, rows.dims});
  for (std::size_t i = 0; i < rows.count; ++i)
    for (std::size_t j = 0; j < rows.dims; ++j)
      out.data()[i * rows.dims + j] = double(rows.row(i)[j]) - origin[j];
  return out;
}

/// In a fixed order, with independent sums, which are fast.
double sum_of_squares_between(const float* x, const double* y, std::size_t dims) {
  std::array<double, 8> sums{};
  std::size_t j = 0;
  for (; j + sums.size() <= dims; j += sums.size())
    for (std::size_t lane = 0; lane < sums.size(); ++lane) {
      const double difference = double(x[j + lane]) - y[j + lane];
      sums[lane] += difference * difference;
    }
  for (; j < dims; ++j) {
    const double difference = double(x[j]) - y[j];
    sums[0] += difference * difference;
  }
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

}  // namespace

void for_each_panel(const RowsView& a, const RowsView& b,
                    const std::function<void(const ProductPanel&)>& body) {
  parallel_for((a.count + panel_rows - 1) / panel_rows, [&](std::size_t number) {
    stop_if_interrupted();
    const std::size_t first = number * panel_rows;
    const RowsView rows = a.part(first, panel_rows);
    std::vector<float> values(rows.count * b.count);
    multiply_transposed(rows, b, values.data());
    body({first, rows.count, b.count, values.data()});
  });
}

std::vector<double> common_origin(const RowsView& a, const RowsView& b) {
  std::vector<double> origin(a.dims);
  for (const RowsView* rows : {&a, &b})
    for (std::size_t i = 0; i < rows->count; ++i)
      for (std::size_t j = 0; j < a.dims; ++j)
        origin[j] += double(rows->row(i)[j]) / (2 * double(rows->count));
  return origin;
}

double sum_over_tiles(const Pairs& pairs, const std::function<double(const ProductTile&)>& sum_of) {
  const RowsView &a = pairs.a, &b = pairs.b;
  std::vector<double> sums((a.count + panel_rows - 1) / panel_rows, 0);
  parallel_for(sums.size(), [&](std::size_t number) {
    stop_if_interrupted();
    const std::size_t first = number * panel_rows;
    const RowsView rows = a.part(first, panel_rows);
    const Array left = away_from(pairs.origin, rows);
    const std::size_t end = pairs.span == PairSpan::all ? b.count : first + rows.count;
    for (std::size_t column = 0; column < end; column += panel_rows) {
      const RowsView columns = b.part(column, panel_rows);
      const Array products = multiply_transposed(left, away_from(pairs.origin, columns));
      sums[number] += sum_of({first, column, rows.count, columns.count, products.data()});
    }
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

double squared_distance(const float* x, const float* y, std::size_t dims) {
  return kernels().squared_distance(std::int64_t(dims), x, y);
}

std::vector<double> squared_lengths(const RowsView& rows, std::span<const double> origin) {
  std::vector<double> squares(rows.count);
  parallel_ranges(rows.count, 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      squares[i] = sum_of_squares_between(rows.row(i), origin.data(), rows.dims);
  });
  return squares;
}

std::vector<std::vector<Neighbour>> nearest_neighbours(const RowsView& a, const RowsView& b,
                                                       std::size_t k, Among among) {
  assert(k > 0 && b.count >= k + (among == Among::same_set ? 1 : 0));
  std::vector<std::vector<Neighbour>> nearest(a.count);
  for_each_distance_row(a, b, [&](const DistanceRow& row) {
    auto found = near(row, k, among == Among::same_set ? row.index : b.count);
    found.resize(k);
    nearest[row.index] = std::move(found);
  });
  return nearest;
}

std::vector<WideSquare> squared_radii(const RowsView& rows, std::size_t k) {
  assert(k > 0 && rows.count > k);
  std::vector<WideSquare> radii(rows.count);
  for_each_distance_row(rows, rows,
                        [&](const DistanceRow& row) { radii[row.index] = radius_of(row, k); });
  return radii;
}

BallCounts count_in_balls(const RowsView& centres, const std::vector<WideSquare>& squared_radii,
                          const RowsView& rows, Ties ties) {
  BallCounts counts{std::vector<std::size_t>(rows.count), std::vector<char>(centres.count)};
  for_each_distance_row(centres, rows, [&](const DistanceRow& row) {
    const WideSquare& radius = squared_radii[row.index];
    const double about = radius.high, rounding = row.rounding(about);
    const auto inside = [&](std::size_t j) {
      if (double(row.least(j)) > about + rounding) return false;
      if (double(row.most(j)) < about - rounding) return true;
      const double square = row.exact(j);
      if (std::abs(square - about) > rounding) return square < about;
      return ties == Ties::inside ? row.wide(j) <= radius : row.wide(j) < radius;
    };
    for (std::size_t j = 0; j < rows.count; ++j)
      if (inside(j)) {
        std::atomic_ref(counts.balls_over[j]).fetch_add(1, std::memory_order_relaxed);
        counts.holds_any[row.index] = 1;
      }
  });
  return counts;
}

}  // namespace diffusion
