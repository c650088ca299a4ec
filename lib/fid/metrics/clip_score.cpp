#include "lib/fid/metrics/clip_score.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "lib/base/error.hpp"

namespace diffusion {
namespace {

double product(const float* a, const float* b, std::size_t dims) {
  return std::inner_product(a, a + dims, b, 0.0, std::plus<>(),
                            [](float x, float y) { return double(x) * double(y); });
}

}  // namespace

void need_directions(const RowsView& rows, const std::string& source) {
  for (std::size_t i = 0; i < rows.count; ++i) {
    const double square = product(rows.row(i), rows.row(i), rows.dims);
    if (!(square > 0) || std::isinf(square))
      throw Error(source + ": row " + std::to_string(i) +
                  " (from 0) is zero or not finite: no direction");
  }
}

std::vector<double> clip_scores(const RowsView& images, const RowsView& texts) {
  assert(images.count == texts.count && images.dims == texts.dims);
  std::vector<double> scores;
  const std::size_t d = images.dims;
  for (std::size_t i = 0; i < images.count; ++i) {
    const float *image = images.row(i), *text = texts.row(i);
    const double lengths = std::sqrt(product(image, image, d) * product(text, text, d));
    scores.push_back(100 * std::max(0.0, product(image, text, d) / lengths));
  }
  return scores;
}

}  // namespace diffusion
