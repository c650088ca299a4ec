#include "lib/nn/onednn/frozen_convolution.hpp"

#include <cassert>
#include <vector>

#include "lib/base/parallel.hpp"
#include "lib/nn/onednn/engine.hpp"
#include "lib/nn/onednn/execution.hpp"
#include "lib/nn/onednn/versions.hpp"

namespace diffusion::nn::onednn {
namespace {

using Desc = dnnl::memory::desc;
using Tag = dnnl::memory::format_tag;
constexpr auto f32 = dnnl::memory::data_type::f32;

enum class Ending { rectified, bare };

DType type_after(Ending ending, DType type) {
  return ending == Ending::rectified ? type : DType::float32;
}

ForwardDesc describe(const ConvolutionShape& shape, const Dims& x, DType type, Ending ending) {
  dnnl::post_ops ops;
  if (ending == Ending::rectified) append_rectifier(ops);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(ops);
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  const ConvolutionRequest request{
      .input = channel_last(x, type),
      .weights = {{shape.out, shape.in, shape.kernel.h, shape.kernel.w}, data_type(type), Tag::any},
      .bias = ending == Ending::rectified ? Desc({shape.out}, f32, Tag::x) : Desc(),
      .output = channel_last(shape.output(x), type_after(ending, type)),
      .strides = {shape.stride, shape.stride},
      .pad_before = {shape.pad_before.h, shape.pad_before.w},
      .pad_after = {shape.pad_after.h, shape.pad_after.w},
      .attributes = attributes};
  // oneDNN divides the work for as many threads as there are now.
  const OneThread alone;
  return describe_forward(dnnl::prop_kind::forward_inference, request);
}

std::vector<Execution::Argument> arguments(const ForwardDesc& desc, Ending ending) {
  std::vector<Execution::Argument> list{{DNNL_ARG_SRC, desc.src_desc()},
                                        {DNNL_ARG_WEIGHTS, desc.weights_desc()},
                                        {DNNL_ARG_DST, desc.dst_desc()},
                                        {DNNL_ARG_SCRATCHPAD, desc.scratchpad_desc()}};
  if (ending == Ending::rectified) list.push_back({DNNL_ARG_BIAS, desc.bias_desc()});
  return list;
}

}  // namespace

struct FrozenConvolution::State {
  Dims x, y;
  DType type;
  Ending ending;
  std::int64_t scratch;
  Execution execution;
  Tensor weights, bias;

  State(const ConvolutionShape& shape, const Dims& input, DType t, Ending e,
        const ForwardDesc& desc)
      : x(input),
        y(shape.output(input)),
        type(t),
        ending(e),
        scratch(floats_for(desc.scratchpad_desc())),
        execution(dnnl::convolution_forward(desc), arguments(desc, e)),
        weights(flat(floats_for(desc.weights_desc()))),
        bias(flat(shape.out)) {}
};

FrozenConvolution::FrozenConvolution(const ConvolutionShape& shape, const Dims& x, DType type,
                                     std::span<const float> weight, std::span<const float> bias) {
  assert(x.n == 1 && x.c == shape.in && weight.size() == shape.weights());
  assert(bias.empty() || bias.size() == std::size_t(shape.out));
  const Ending ending = bias.empty() ? Ending::bare : Ending::rectified;
  const ForwardDesc desc = describe(shape, x, type, ending);
  state_ = std::make_unique<State>(shape, x, type, ending, desc);
  const Desc plain({shape.out, shape.in, shape.kernel.h, shape.kernel.w}, f32, Tag::oihw);
  dnnl::memory from(plain, engine(), const_cast<float*>(weight.data()));
  dnnl::memory to = view(desc.weights_desc(), state_->weights);
  dnnl::reorder(from, to).execute(stream(), from, to);
  std::copy(bias.begin(), bias.end(), state_->bias.floats().begin());
}
FrozenConvolution::~FrozenConvolution() = default;
FrozenConvolution::FrozenConvolution(FrozenConvolution&&) noexcept = default;

const Dims& FrozenConvolution::input() const { return state_->x; }

Tensor FrozenConvolution::forward(const Tensor& x) const {
  assert(x.dims() == state_->x && x.dtype() == state_->type);
  const OneThread alone;
  Tensor y(state_->y, type_after(state_->ending, state_->type));
  const Tensor scratch(flat(state_->scratch));
  if (state_->ending == Ending::rectified)
    state_->execution.run(
        {x.data(), state_->weights.data(), y.data(), scratch.data(), state_->bias.data()});
  else
    state_->execution.run({x.data(), state_->weights.data(), y.data(), scratch.data()});
  return y;
}

}  // namespace diffusion::nn::onednn
