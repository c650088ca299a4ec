// Softmax(Q K^T / sqrt(d)) V of several heads without storing the T x T weights:
// backward computes them again a block of queries at a time (Dao et al.,
// "FlashAttention: Fast and Memory-Efficient Exact Attention with IO-Awareness",
// 2022, has the idea; images here are small enough to keep whole rows).
#pragma once
#include "lib/nn/tensor.hpp"

namespace diffusion::nn {

/// qkv: N x H x W x 3C, queries, keys and values side by side, each with its heads
/// side by side. Returns N x H x W x C. heads divides C.
Tensor attend(const Tensor& qkv, std::int64_t heads);

/// The derivative with respect to qkv.
Tensor attend_backward(const Tensor& dy, const Tensor& qkv, std::int64_t heads);

}  // namespace diffusion::nn
