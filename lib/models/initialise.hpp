// The weights a network starts training from.
#pragma once
#include <cstdint>

#include "lib/nn/parameters.hpp"

namespace diffusion {

/// The law that the first values of a parameter follow.
struct InitialLaw {
  enum class Kind { constant, uniform, normal };
  Kind kind;
  float scale;  // the constant; the half width; the standard deviation
};

/// A network's choice for each parameter. `inputs`: how many reach one output of its layer
/// (for a bias: of the weight before it); 0 for norms.
using InitialLawOf = InitialLaw (*)(const nn::Param& param, std::size_t inputs);

/// PyTorch's defaults, which the recipes in circulation were tuned with: weights and
/// biases of convolutions and linear layers uniform on +-1/sqrt(inputs) (He et al. 2015
/// with a = sqrt(5)), norms 1 and 0.
InitialLaw pytorch_law(const nn::Param& param, std::size_t inputs);

/// Each weight draws from its own stream, addressed by its name, so that networks with a
/// layer in common start it alike.
void initialise(nn::Parameters& parameters, std::uint64_t seed, InitialLawOf initial = pytorch_law);

}  // namespace diffusion
