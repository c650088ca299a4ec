// The latest losses of every step, which tell where training is uncertain.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace diffusion {

/// The last few losses seen at each of T steps, as part of a checkpoint: one flat array
/// of T rows, each the number of losses it has had and the latest `kept`, oldest first.
class LossHistory {
 public:
  static constexpr std::size_t kept = 10;  // Nichol and Dhariwal 2021, Sec. 3.3

  explicit LossHistory(std::size_t steps = 0) : rows_(steps * (kept + 1)) {}

  void add(std::size_t step, float loss);  // step counts from 0
  std::size_t steps() const { return rows_.size() / (kept + 1); }
  /// Whether every step has had `kept` losses.
  bool full() const;
  /// sqrt(E[L^2]) of a step's losses.
  double root_mean_square(std::size_t step) const;

  std::span<const float> state() const { return rows_; }
  std::span<float> state() { return rows_; }

 private:
  std::vector<float> rows_;
};

}  // namespace diffusion
