#include "lib/nn/onednn/frozen_convolution.hpp"

#include <cassert>

#include "lib/base/parallel.hpp"
#include "lib/nn/onednn/engine.hpp"

namespace diffusion::nn::onednn {
namespace {

using Desc = dnnl::memory::desc;
using Tag = dnnl::memory::format_tag;
constexpr auto f32 = dnnl::memory::data_type::f32;

dnnl::convolution_forward::primitive_desc describe(const FrozenShape& shape, const Dims& x,
                                                   DType type) {
  dnnl::post_ops ops;
  ops.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(ops);
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const Desc weights({shape.out, shape.in, shape.kernel_h, shape.kernel_w}, data_type(type),
                     Tag::any);
  const dnnl::convolution_forward::desc desc(
      dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
      channel_last(x, type), weights, {{shape.out}, f32, Tag::x},
      channel_last(shape.output(x), type), {shape.stride, shape.stride}, {shape.pad_h, shape.pad_w},
      {shape.pad_h, shape.pad_w});
  // oneDNN divides the work for as many threads as there are now.
  const OneThread alone;
  return {desc, attributes, engine()};
}

}  // namespace

Dims FrozenShape::output(const Dims& x) const {
  const auto extent = [&](std::int64_t size, std::int64_t kernel, std::int64_t pad) {
    return (size + 2 * pad - kernel) / stride + 1;
  };
  return {x.n, extent(x.h, kernel_h, pad_h), extent(x.w, kernel_w, pad_w), out};
}

struct FrozenConvolution::State {
  Dims x, y;
  DType type;
  dnnl::convolution_forward::primitive_desc desc;
  dnnl::convolution_forward primitive;
  Tensor weights, bias;

  State(const FrozenShape& shape, const Dims& input, DType t)
      : x(input),
        y(shape.output(input)),
        type(t),
        desc(describe(shape, input, t)),
        primitive(desc),
        weights(buffer_for(desc.weights_desc())),
        bias(Dims{1, 1, 1, shape.out}) {}
};

FrozenConvolution::FrozenConvolution(const FrozenShape& shape, const Dims& x, DType type,
                                     std::span<const float> weight, std::span<const float> bias)
    : state_(std::make_unique<State>(shape, x, type)) {
  assert(x.n == 1 && x.c == shape.in);
  assert(weight.size() == shape.weights() && bias.size() == std::size_t(shape.out));
  const Desc plain({shape.out, shape.in, shape.kernel_h, shape.kernel_w}, f32, Tag::oihw);
  dnnl::memory from(plain, engine(), const_cast<float*>(weight.data()));
  dnnl::memory to = view(state_->desc.weights_desc(), state_->weights);
  dnnl::reorder(from, to).execute(stream(), from, to);
  std::copy(bias.begin(), bias.end(), state_->bias.floats().begin());
}
FrozenConvolution::~FrozenConvolution() = default;
FrozenConvolution::FrozenConvolution(FrozenConvolution&&) noexcept = default;

const Dims& FrozenConvolution::input() const { return state_->x; }

Tensor FrozenConvolution::forward(const Tensor& x) const {
  assert(x.dims() == state_->x && x.dtype() == state_->type);
  const OneThread alone;
  const auto& desc = state_->desc;
  Tensor y(state_->y, state_->type);
  const Tensor scratch = buffer_for(desc.scratchpad_desc());
  state_->primitive.execute(stream(),
                            {{DNNL_ARG_SRC, view(desc.src_desc(), x)},
                             {DNNL_ARG_WEIGHTS, view(desc.weights_desc(), state_->weights)},
                             {DNNL_ARG_BIAS, view(desc.bias_desc(), state_->bias)},
                             {DNNL_ARG_DST, view(desc.dst_desc(), y)},
                             {DNNL_ARG_SCRATCHPAD, view(desc.scratchpad_desc(), scratch)}});
  return y;
}

}  // namespace diffusion::nn::onednn
