// What multistep samplers remember of earlier evaluations.
#pragma once
#include <algorithm>
#include <cstddef>
#include <deque>
#include <string>
#include <utility>

#include "lib/base/params.hpp"
#include "lib/sample/sampler.hpp"

namespace diffusion {

/// One evaluation: an estimate (x0 or eps, as the sampler has it), and where it was made.
struct Estimate {
  Tensor value;
  NoiseLevel at;
};

/// What becomes of estimates that were made of pure noise, when the next arrives: no
/// polynomial passes through an infinite lambda, but fixed weights ask for none.
enum class OfNoise { forgotten, kept };

/// The latest `most` estimates, newest first.
class History {
 public:
  explicit History(std::size_t most, OfNoise of_noise = OfNoise::forgotten)
      : most_(most), of_noise_(of_noise) {}

  void add(Tensor value, const NoiseLevel& at) {
    const bool forgets = of_noise_ == OfNoise::forgotten;
    if (forgets && !past_.empty() && past_.front().at.pure_noise()) past_.clear();
    past_.push_front({std::move(value), at});
    if (past_.size() > most_) past_.pop_back();
  }

  std::size_t size() const { return past_.size(); }
  const Estimate& operator[](std::size_t age) const { return past_[age]; }

 private:
  std::size_t most_;
  OfNoise of_noise_;
  std::deque<Estimate> past_;
};

/// Whether the last steps of a multistep sampler go down to order 1, as peers do when
/// steps are few.
enum class Ending { full, lower };

inline Ending ending_from(Params& params, Ending usual) {
  const bool full = usual == Ending::full;
  const std::string given =
      params.choice("ending", {full ? "full" : "lower", full ? "lower" : "full"});
  return given == "full" ? Ending::full : Ending::lower;
}

/// The order of step i of `steps`: at most `order`, what the history supports, and, where
/// the ending is lower, the number of steps left. Steps to and from the ends of an
/// infinite lambda are of first order.
inline std::size_t order_of_step(std::size_t order, const History& past, Ending ending,
                                 const SampleRun& run, std::size_t i) {
  if (run.grid[i].pure_noise()) return 1;
  std::size_t most = std::min(order, past.size());
  if (ending == Ending::lower) most = std::min(most, run.grid.size() - 1 - i);
  return most;
}

}  // namespace diffusion
