#include "lib/train/loss_history.hpp"

#include <algorithm>
#include <cmath>

namespace diffusion {

void LossHistory::add(std::size_t step, float loss) {
  float* row = rows_.data() + step * (kept + 1);
  std::copy(row + 2, row + 1 + kept, row + 1);
  row[kept] = loss;
  row[0] = std::min(row[0] + 1, float(kept));
}

bool LossHistory::full() const {
  for (std::size_t i = 0; i < rows_.size(); i += kept + 1)
    if (rows_[i] < float(kept)) return false;
  return true;
}

double LossHistory::root_mean_square(std::size_t step) const {
  const float* row = rows_.data() + step * (kept + 1);
  double sum = 0;
  for (std::size_t i = 1; i <= kept; ++i) sum += double(row[i]) * double(row[i]);
  return std::sqrt(sum / std::max(1.0, double(row[0])));
}

}  // namespace diffusion
