// What happened on the way from noise to samples, for plots and for other software.
#pragma once
#include <string>
#include <vector>

#include "lib/sample/generate.hpp"

namespace diffusion {

/// Records a generate() run and writes it as .npz: `x` ((S+1) x N x H x W x C at
/// the grid's levels, the start first) and, for each of the E evaluations, `x_in`,
/// `x0`, `eps` (E x N x H x W x C) and `alpha`, `sigma`, `timestep`, `step` (E).
class Trajectory {
 public:
  explicit Trajectory(const GenerateRequest& request);

  /// For generate(); refers to this object.
  GenerateWatch watch();

  void write(const std::string& path) const;

 private:
  void at_level(std::size_t offset, std::uint32_t index, const Tensor& x);
  void evaluated(std::size_t offset, const Tensor& x_t, const NoiseLevel& at, const Denoised& d);
  void put(std::vector<Tensor>& frames, std::size_t index, std::size_t offset, const Tensor& x);

  Shape shape_;  // N x H x W x C
  std::vector<Tensor> states_, inputs_, x0_, eps_;
  std::vector<NoiseLevel> levels_;                             // of evaluations
  std::vector<double> steps_;                                  // the grid index they belong to
  std::size_t batch_ = SIZE_MAX, evaluation_ = 0, level_ = 0;  // where the batch at hand is
};

}  // namespace diffusion
