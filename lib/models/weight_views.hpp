// Weights as another program lays them out, seen as a network here has them. Nothing is read before
// the result is.
#pragma once
#include <string>
#include <vector>

#include "lib/tensor/formats/weight_file.hpp"

namespace diffusion {

WeightTensor renamed(WeightTensor tensor, std::string name);

/// The same numbers in another shape of as many.
WeightTensor reshaped(WeightTensor tensor, std::vector<std::size_t> shape);

/// Each number times `factor`.
WeightTensor scaled(WeightTensor tensor, float factor);

/// Some of its rows (indices of the first axis), in that order. Each is below shape[0].
WeightTensor rows_of(WeightTensor tensor, std::vector<std::size_t> rows);

}  // namespace diffusion
