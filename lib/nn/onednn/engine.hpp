// oneDNN's engine and stream, and its view of our tensors. Only files of this
// folder include oneDNN's headers (2 and 3; https://oneapi-src.github.io/oneDNN).
#pragma once
#include <dnnl.hpp>

#include "lib/nn/tensor.hpp"

namespace diffusion::nn::onednn {

dnnl::engine& engine();
dnnl::stream& stream();

dnnl::memory::data_type data_type(DType type);

/// N x H x W x C as oneDNN names it: logical n, c, h, w with channels innermost.
dnnl::memory::desc channel_last(const Dims& dims, DType type);

/// A view of `tensor` under `desc`.
dnnl::memory view(const dnnl::memory::desc& desc, const Tensor& tensor);

/// How many floats have room for `desc`.
std::int64_t floats_for(const dnnl::memory::desc& desc);

constexpr Dims flat(std::int64_t floats) { return {1, 1, 1, floats}; }

}  // namespace diffusion::nn::onednn
