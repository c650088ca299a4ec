// The length of the gradient, and clipping by it.
// Pascanu et al. 2013, "On the difficulty of training recurrent neural networks".
#pragma once
#include <span>

namespace diffusion {

/// Euclidean norm, summed in double in an order that does not depend on the
/// number of threads. NaN or infinite where a gradient is.
double gradient_norm(std::span<const float> gradients);

/// Its parts: the sum of squares of each block (blocks.hpp), and the norm of all blocks.
void squares_of_blocks(std::span<const float> gradients, std::span<double> sums);
double norm_of_blocks(std::span<const double> sums);

/// What to multiply gradients of length `norm` by so that none is longer than
/// `limit` (0: no limit).
double clip_scale(double norm, double limit);

}  // namespace diffusion
