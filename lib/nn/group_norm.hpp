// Group normalisation (Wu and He, "Group Normalization", 2018), with what stands around it in a
// residual block: a shift of each image's channels before it (the time embedding), or a shift and
// a scale after it, and SiLU, all in one pass.
#pragma once
#include <string>

#include "lib/kernels/norm.hpp"
#include "lib/nn/modulated_affine.hpp"

namespace diffusion::nn {

using kernel::Activation;

class GroupNorm {
 public:
  struct Shape {
    std::int64_t channels = 1, groups = 1;  // groups divides channels
    float eps = 1e-5f;
    Activation activation = Activation::none;
  };

  /// What vectors of each image do, N x 1 x 1 x C, float32: those of no use are empty.
  struct Vectors {
    Tensor shift;           // before the normalisation
    Modulation modulation;  // after it
  };

  struct Gradients {
    Tensor x;
    Vectors vectors;  // empty where forward had none
  };

  /// Adds `name`.weight and `name`.bias (channels).
  GroupNorm(Parameters& parameters, const std::string& name, const Shape& shape);

  /// activation((1 + scale) (weight * normalised(x + shift before) + bias) + shift)
  Tensor forward(const Tensor& x, const Vectors& vectors, Tape* tape) const;
  Tensor forward(const Tensor& x, Tape* tape) const { return forward(x, {}, tape); }

  /// `add`, if not empty, is added to the result: the derivative that reaches x by
  /// another way (a residual connection). The buffer of `dy` is used again where no
  /// other handle has it.
  Gradients backward(Tensor dy, const Tensor& add, Tape& tape) const;

 private:
  /// What backward has: x as it came, the normalisation's scale and offset of each image's
  /// channels, and what came after it; and what it fills: the derivatives, and for each image
  /// sums over its pixels (see NormBackward).
  struct BackwardTensors {
    const Tensor &x, &normalisation, &affine, &dx, &dshift, &totals;
  };

  void differentiate(const Tensor& dy, const Tensor& add, const BackwardTensors& tensors) const;

  ModulatedAffine affine_;
  Shape shape_;
};

}  // namespace diffusion::nn
