// What happened on the way from noise to samples, for plots and for other software.
#pragma once
#include <cmath>
#include <string>
#include <vector>

#include "lib/sample/generate.hpp"

namespace diffusion {

/// Records a generate() run and writes it as .npz: `x` ((S+1) x N x H x W x C at
/// the grid's levels, the start first) and, for each of the E evaluations, `x_in`,
/// `x0`, `eps` (E x N x H x W x C) and `alpha`, `sigma`, `timestep`, `step` (E).
/// Several samples that go at their own pace each have their own: the latter are E x N,
/// E being the most that any took, `evaluations` (N) says how many, and NaN stands where
/// there was none.
class Trajectory {
 public:
  Trajectory(const GenerateRequest& request, Pace pace);

  /// For generate(); refers to this object.
  GenerateWatch watch();

  void write(const std::string& path) const;

 private:
  void at_level(std::size_t offset, std::uint32_t index, const Tensor& x);
  void evaluated(std::size_t offset, const Tensor& x_t, const NoiseLevel& at, const Denoised& d);
  void put(std::vector<Tensor>& frames, std::size_t index, std::size_t offset, const Tensor& x);

  /// Where an evaluation took place: its level, and the grid index that it belongs to.
  struct Place {
    NoiseLevel at{NAN, NAN, NAN};
    double step = NAN;
  };

  Shape shape_;                      // N x H x W x C
  std::vector<std::size_t> counts_;  // of evaluations: of each sample, or of all
  std::vector<Tensor> states_, inputs_, x0_, eps_;
  std::vector<std::vector<Place>> places_;    // of evaluations: of each sample, or of all
  std::size_t batch_ = SIZE_MAX, level_ = 0;  // where the batch at hand is
};

}  // namespace diffusion
