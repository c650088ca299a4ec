// What oneDNN 2 and 3 say differently, said once: 2 describes an operation and then
// the primitive that does it, 3 the primitive at once.
#pragma once
#include <dnnl.hpp>

namespace diffusion::nn::onednn {

/// A convolution as oneDNN is asked for it. Descriptors of weights may leave the layout to
/// oneDNN; a default `bias` is none. Strides and padding are those of y and x.
struct ConvolutionRequest {
  dnnl::memory::desc input, weights, bias, output;
  dnnl::memory::dims strides, pad_before, pad_after;
  dnnl::primitive_attr attributes;
};

using ForwardDesc = dnnl::convolution_forward::primitive_desc;
using BackwardDataDesc = dnnl::convolution_backward_data::primitive_desc;
using BackwardWeightsDesc = dnnl::convolution_backward_weights::primitive_desc;

/// They throw dnnl::error where oneDNN has no kernel.
ForwardDesc describe_forward(dnnl::prop_kind kind, const ConvolutionRequest& request);
BackwardDataDesc describe_backward_data(const ConvolutionRequest& request,
                                        const ForwardDesc& forward);
BackwardWeightsDesc describe_backward_weights(const ConvolutionRequest& request,
                                              const ForwardDesc& forward);

/// max(0, x) of the result.
void append_rectifier(dnnl::post_ops& ops);

}  // namespace diffusion::nn::onednn
