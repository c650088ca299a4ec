// Layer normalisation (Ba, Kiros and Hinton, "Layer Normalization", 2016), or by the root mean
// square alone (Zhang and Sennrich 2019), and what modulates it in a transformer's block: a shift
// and a scale of each image's channels (Peebles and Xie, "Scalable Diffusion Models with
// Transformers", 2023, Sec. 3.2), all in one pass.
#pragma once
#include <string>

#include "lib/nn/modulated_affine.hpp"

namespace diffusion::nn {

class LayerNorm {
 public:
  struct Shape {
    std::int64_t channels = 1;
    float eps = 1e-5f;
    bool centred = true;  // or by the root mean square
  };

  struct Gradients {
    Tensor x;
    Modulation modulation;  // empty where forward had none
  };

  /// Adds `name`.weight and, if it is centred, `name`.bias (channels); nothing where the name is
  /// empty.
  LayerNorm(Parameters& parameters, const std::string& name, const Shape& shape);

  /// (1 + scale) (weight * normalised(x) + bias) + shift
  Tensor forward(const Tensor& x, const Modulation& modulation, Tape* tape) const;

  /// `add`, if not empty, is added to the result: the derivative that reaches x by another way.
  /// The buffer of `dy` is used again where no other handle has it.
  Gradients backward(Tensor dy, const Tensor& add, Tape& tape) const;

 private:
  ModulatedAffine affine_;
  Shape shape_;
};

}  // namespace diffusion::nn
