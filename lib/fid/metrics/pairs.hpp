// All pairs of rows of two sets: kernels, distances, nearest neighbours.
// Sums of kernels are double throughout. Distances are compared by float32 products where
// these settle it, in double where they do not, and to twice the digits of that where ties are
// at stake.
#pragma once
#include <algorithm>
#include <functional>
#include <span>
#include <vector>

#include "lib/fid/metrics/wide_square.hpp"
#include "lib/tensor/rows.hpp"

namespace diffusion {

/// Products of rows first, first + 1, ... of one set with rows 0, 1, ... of another.
struct ProductPanel {
  std::size_t first, rows, columns;
  const float* values;

  const float* row(std::size_t index) const { return values + index * columns; }
};

/// Rows in a panel; the last may have fewer.
inline constexpr std::size_t panel_rows = 256;

/// Calls body(panel) for all panels, in any order, on all threads.
void for_each_panel(const RowsView& a, const RowsView& b,
                    const std::function<void(const ProductPanel&)>& body);

/// Products in double of rows [first_a, ...) with rows [first_b, ...): rows x columns.
struct ProductTile {
  std::size_t first_a, first_b, rows, columns;
  const double* values;
};

/// all: every row of `a` with every row of `b`; lower: rows i > j of one set.
enum class PairSpan { all, lower };

/// Pairs of rows of two sets, less `origin`: what the rows have in common would take the digits
/// in which they differ.
struct Pairs {
  RowsView a, b;
  PairSpan span;
  std::span<const double> origin;
};

/// The mean of the means of both sets.
std::vector<double> common_origin(const RowsView& a, const RowsView& b);

/// The sum of sum_of(tile) over tiles of all pairs, on all threads; with PairSpan::lower a
/// tile on the diagonal holds some pairs too many. The same bits for any number of threads.
double sum_over_tiles(const Pairs& pairs, const std::function<double(const ProductTile&)>& sum_of);

/// Sum of kernel(i, j, product) over pairs, all in double.
template <class Kernel>
double kernel_sum(const Pairs& pairs, const Kernel& kernel) {
  return sum_over_tiles(pairs, [&, span = pairs.span](const ProductTile& tile) {
    double sum = 0;
    for (std::size_t r = 0; r < tile.rows; ++r) {
      const std::size_t i = tile.first_a + r;
      const std::size_t before = i - std::min(i, tile.first_b);
      const std::size_t end = span == PairSpan::all ? tile.columns : std::min(tile.columns, before);
      for (std::size_t c = 0; c < end; ++c)
        sum += kernel(i, tile.first_b + c, tile.values[r * tile.columns + c]);
    }
    return sum;
  });
}

/// Squared Euclidean distance, in double and in a fixed order: equal for (x, y) and
/// (y, x), zero for equal rows.
double squared_distance(const float* x, const float* y, std::size_t dims);

/// Squared distance of each row to `origin`.
std::vector<double> squared_lengths(const RowsView& rows, std::span<const double> origin);

struct Neighbour {
  std::size_t index;  // row of the other set
  double square;      // squared distance
};

/// Whether neighbours are looked for in another set, or among the other rows of the same.
enum class Among { other_set, same_set };

/// The k nearest rows of b to each row of a, nearest first, of equal ones the first. b
/// must have that many (beside the row itself).
std::vector<std::vector<Neighbour>> nearest_neighbours(const RowsView& a, const RowsView& b,
                                                       std::size_t k, Among among);

/// Squared distance of each row to its k-th nearest among the others; more than k rows.
std::vector<WideSquare> squared_radii(const RowsView& rows, std::size_t k);

/// Whether what lies just on the surface of a ball is in it.
enum class Ties { inside, outside };

/// Balls around the rows of `centres`, of the squared radii given, and rows in them.
struct BallCounts {
  std::vector<std::size_t> balls_over;  // for each row: balls that it lies in
  std::vector<char> holds_any;          // for each ball: 1 where a row lies in it
};

BallCounts count_in_balls(const RowsView& centres, const std::vector<WideSquare>& squared_radii,
                          const RowsView& rows, Ties ties);

}  // namespace diffusion
