// Softmax(Q K^T / sqrt(d)) V of several heads without storing the T x T weights:
// what a query's softmax divides by is kept, and backward computes the weights from
// it again, first with 16 queries to a vector and then with 16 keys (Dao et al.,
// "FlashAttention: Fast and Memory-Efficient Exact Attention with IO-Awareness",
// 2022; images here are small enough to keep whole rows of scores in the cache).
#pragma once
#include "lib/nn/tape.hpp"

namespace diffusion::nn {

/// qkv: N x H x W x 3C, queries, keys and values side by side, each with its heads
/// side by side. Returns N x H x W x C. heads divides C. Sums are float32 whatever
/// the type.
Tensor attend(const Tensor& qkv, std::int64_t heads, Tape* tape);

/// The derivative with respect to qkv.
Tensor attend_backward(const Tensor& dy, std::int64_t heads, Tape& tape);

}  // namespace diffusion::nn
