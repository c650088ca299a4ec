// Copies the weights of a file into a network.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "lib/nn/parameters.hpp"
#include "lib/tensor/formats/weight_file.hpp"

namespace diffusion {

/// Fills `out` (as `names` lays it out) from `tensors`, whose names begin with `prefix`:
/// every weight must be there with its shape, and no other; attention weights may have the
/// names of early diffusers releases. Throws Error opened by `culprit`.
void fill_parameters(std::span<const WeightTensor> tensors, const std::string& prefix,
                     const nn::Parameters& names, std::span<float> out, const std::string& culprit);

}  // namespace diffusion
