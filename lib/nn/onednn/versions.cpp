#include "lib/nn/onednn/versions.hpp"

#include "lib/nn/onednn/engine.hpp"

namespace diffusion::nn::onednn {
namespace {

constexpr auto direct = dnnl::algorithm::convolution_direct;

}  // namespace

#if DNNL_VERSION_MAJOR < 3

ForwardDesc describe_forward(dnnl::prop_kind kind, const ConvolutionRequest& r) {
  const dnnl::convolution_forward::desc operation(kind, direct, r.input, r.weights, r.bias,
                                                  r.output, r.strides, r.pad_before, r.pad_after);
  return {operation, r.attributes, engine()};
}

BackwardDataDesc describe_backward_data(const ConvolutionRequest& r, const ForwardDesc& forward) {
  const dnnl::convolution_backward_data::desc operation(direct, r.input, r.weights, r.output,
                                                        r.strides, r.pad_before, r.pad_after);
  return {operation, r.attributes, engine(), forward};
}

BackwardWeightsDesc describe_backward_weights(const ConvolutionRequest& r,
                                              const ForwardDesc& forward) {
  const dnnl::convolution_backward_weights::desc operation(
      direct, r.input, r.weights, r.bias, r.output, r.strides, r.pad_before, r.pad_after);
  return {operation, r.attributes, engine(), forward};
}

void append_rectifier(dnnl::post_ops& ops) {
  ops.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
}

#else

ForwardDesc describe_forward(dnnl::prop_kind kind, const ConvolutionRequest& r) {
  return {engine(), kind,      direct,       r.input,     r.weights,   r.bias,
          r.output, r.strides, r.pad_before, r.pad_after, r.attributes};
}

BackwardDataDesc describe_backward_data(const ConvolutionRequest& r, const ForwardDesc& forward) {
  return {engine(),  direct,       r.input,     r.weights, r.output,
          r.strides, r.pad_before, r.pad_after, forward,   r.attributes};
}

BackwardWeightsDesc describe_backward_weights(const ConvolutionRequest& r,
                                              const ForwardDesc& forward) {
  return {engine(),  direct,       r.input,     r.weights, r.bias,      r.output,
          r.strides, r.pad_before, r.pad_after, forward,   r.attributes};
}

void append_rectifier(dnnl::post_ops& ops) {
  ops.append_eltwise(dnnl::algorithm::eltwise_relu, 0, 0);
}

#endif

}  // namespace diffusion::nn::onednn
