// Loops over whole tensors of either type; a result has the type of its arguments.
#pragma once
#include "lib/kernels/norm.hpp"
#include "lib/nn/tape.hpp"

namespace diffusion::nn {

Tensor copied(const Tensor& x);
/// to += from
void add_in_place(const Tensor& to, const Tensor& from);
/// factor x + offset
Tensor affine(const Tensor& x, float factor, float offset);
inline Tensor scaled(const Tensor& x, float factor) { return affine(x, factor, 0); }
/// The same numbers in another type: bfloat16 rounds to nearest. `x` itself if it
/// is of that type.
Tensor converted(const Tensor& x, DType type);

/// max(0, x)
Tensor relu(const Tensor& x);

/// Of float32.
Tensor activated(const Tensor& x, kernel::Activation activation, Tape* tape);
Tensor activated_backward(const Tensor& dy, kernel::Activation activation, Tape& tape);

/// The tanh form, see layers::Gelu.
Tensor gelu(const Tensor& x, Tape* tape);
Tensor gelu_backward(const Tensor& dy, Tape& tape);

/// silu(a) b of a and b side by side.
Tensor swiglu(const Tensor& x, Tape* tape);
Tensor swiglu_backward(const Tensor& dy, Tape& tape);

/// x + gate y, where the gate is N x 1 x 1 x C, float32.
Tensor gated_sum(const Tensor& x, const Tensor& y, const Tensor& gate, Tape* tape);

/// The derivative of x is dz itself.
struct GatedSumGradients {
  Tensor y, gate;
};
GatedSumGradients gated_sum_backward(const Tensor& dz, Tape& tape);

/// a and b side by side along the channels.
Tensor concatenate(const Tensor& a, const Tensor& b);

struct Halves {
  Tensor first, second;
};
/// The reverse of concatenate: the first `channels` channels, and the others.
Halves split_channels(const Tensor& x, std::int64_t channels);

/// Channels first, first + 1, ... of each pixel.
Tensor channel_range(const Tensor& x, std::int64_t first, std::int64_t count);
/// The reverse: zeros but for those, `channels` in all.
Tensor in_channel_range(const Tensor& x, std::int64_t first, std::int64_t channels);

/// Each pixel becomes 2 x 2 alike.
Tensor upsample_nearest(const Tensor& x);
Tensor upsample_nearest_backward(const Tensor& dy);
/// See layers::Blur, which is its own derivative.
Tensor blurred(const Tensor& x);
/// Each 2 x 2 pixels become their mean.
Tensor downsample_mean(const Tensor& x);
Tensor downsample_mean_backward(const Tensor& dy);

}  // namespace diffusion::nn
