// How well a model knows images: means by bands of t, by classes and over all.
#pragma once
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "lib/models/model.hpp"
#include "lib/train/likelihood.hpp"
#include "tools/train/eval.hpp"
#include "tools/train/eval_images.hpp"

namespace diffusion {

/// Sums that a mean and its standard error follow from.
struct Tally {
  double count = 0, weights = 0, sum = 0, squares = 0;
  void add(double value, double weight = 1) {
    ++count;
    weights += weight;
    sum += weight * value;
    squares += weight * value * value;
  }
  double mean() const { return sum / weights; }
  /// NaN of fewer than two.
  double error() const {
    const double variance = std::max(0.0, squares / weights - mean() * mean());
    return count < 2 ? std::nan("") : std::sqrt(variance / (count - 1));
  }
};

struct Band {
  int first, last;  // of t
  Tally loss, eps, x0, bits;
};

/// Of images: the loss is the mean of each over its terms.
struct ClassTally {
  Tally loss, bound, ode;
};

struct Judgement {
  int steps;  // T
  std::size_t images, terms;
  Decoder decoder;
  std::vector<Band> bands;
  std::map<std::optional<int>, ClassTally> classes;  // where asked for; those without a label
  Tally prior, kl, last, total, ode;
  double ode_error = 0;  // of the differences along the probes
};

/// Throws Error, and Interrupted.
Judgement judge(const cli::Tool& tool, const EvalRequest& request, const Model& model,
                const EvalImages& images);

}  // namespace diffusion
