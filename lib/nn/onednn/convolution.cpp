#include "lib/nn/onednn/convolution.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <mutex>
#include <optional>
#include <tuple>

#include "lib/base/parallel.hpp"
#include "lib/nn/onednn/engine.hpp"
#include "lib/nn/onednn/execution.hpp"
#include "lib/nn/onednn/versions.hpp"

namespace diffusion::nn::onednn {
namespace {

using Desc = dnnl::memory::desc;
using Tag = dnnl::memory::format_tag;
using F32 = std::integral_constant<dnnl::memory::data_type, dnnl::memory::data_type::f32>;

/// A primitive, which of the packed weights it takes, and how much scratch.
struct Call {
  std::size_t layout;
  std::int64_t scratch;  // floats
  Execution execution;
};

/// The derivative of the weights, in oneDNN's layout, and what adds it to ours.
struct WeightsCall {
  std::int64_t packed, scratch;  // floats
  Execution execution, add;
};

/// Weights in the layout that one kind of primitive asked for.
struct Packed {
  Desc desc;
  Tensor buffer;
  std::uint64_t version = 0;
};

/// What primitives are made for: oneDNN divides the work when it makes them.
struct Images {
  Dims dims;
  DType type;
  int team = threads();

  auto key() const { return std::tuple(dims.n, dims.h, dims.w, type, team); }
  bool operator<(const Images& other) const { return key() < other.key(); }
};

Images images(const Tensor& x) { return {x.dims(), x.dtype()}; }

/// The primitives of one kind of input, made when first asked for.
struct Primitives {
  std::optional<Call> forward, forward_onto, backward_data;
  std::optional<WeightsCall> backward_weights;
};

/// Adds what is in one layout to what is in another.
Execution addition(const Desc& from, const Desc& to) {
  dnnl::post_ops ops;
  ops.append_sum();
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(ops);
  return {dnnl::reorder({engine(), from, engine(), to, attributes}),
          {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}};
}

}  // namespace

struct Convolution::State {
  ConvolutionShape shape;
  std::mutex mutex;
  std::map<Images, Primitives> primitives;
  std::vector<Packed> packed;

  explicit State(const ConvolutionShape& s) : shape(s) {}

  dnnl::memory::dims weight_dims() const {
    return {shape.out, shape.in, shape.kernel.h, shape.kernel.w};
  }
  Desc weight_desc(DType type) const { return {weight_dims(), data_type(type), Tag::any}; }
  Desc plain_weight_desc() const { return {weight_dims(), F32::value, Tag::oihw}; }
  Desc bias_desc() const { return {{shape.out}, F32::value, Tag::x}; }
  Desc input_desc(const Images& x) const { return channel_last(x.dims, x.type); }
  Desc output_desc(const Images& x) const { return channel_last(shape.output(x.dims), x.type); }

  ConvolutionRequest request(const Images& x, const Desc& weights,
                             const dnnl::post_ops& ops = {}) const {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    attributes.set_post_ops(ops);
    return {.input = input_desc(x),
            .weights = weights,
            .bias = bias_desc(),
            .output = output_desc(x),
            .strides = {shape.stride, shape.stride},
            .pad_before = {shape.pad_before.h, shape.pad_before.w},
            .pad_after = {shape.pad_after.h, shape.pad_after.w},
            .attributes = attributes};
  }

  ForwardDesc forward_desc(const Images& x, const dnnl::post_ops& ops = {}) const {
    return describe_forward(dnnl::prop_kind::forward_training,
                            request(x, weight_desc(x.type), ops));
  }

  void make_forward(std::optional<Call>& slot, const ForwardDesc& desc) {
    slot.emplace(Call{layout_of(desc.weights_desc()), floats_for(desc.scratchpad_desc()),
                      Execution(dnnl::convolution_forward(desc),
                                {{DNNL_ARG_SRC, desc.src_desc()},
                                 {DNNL_ARG_WEIGHTS, desc.weights_desc()},
                                 {DNNL_ARG_BIAS, bias_desc()},
                                 {DNNL_ARG_DST, desc.dst_desc()},
                                 {DNNL_ARG_SCRATCHPAD, desc.scratchpad_desc()}})});
  }

  const Call& forward(const Images& x) {
    auto& slot = primitives[x].forward;
    if (!slot) make_forward(slot, forward_desc(x));
    return *slot;
  }

  const Call& forward_onto(const Images& x) {
    auto& slot = primitives[x].forward_onto;
    if (slot) return *slot;
    dnnl::post_ops ops;
    ops.append_sum();
    make_forward(slot, forward_desc(x, ops));
    return *slot;
  }

  /// oneDNN 3 cuts the rows of a strided convolution's derivative as it has images and
  /// threads, and each cut sums in another order: there images go one by one, so that
  /// their bits depend on neither.
  bool backward_goes_one_by_one() const { return shape.stride > 1; }

  const Call& backward_data(Images x) {
    std::optional<OneThread> alone;
    if (backward_goes_one_by_one()) {
      alone.emplace();
      x = {x.dims, x.type};
      x.dims.n = 1;
    }
    auto& slot = primitives[x].backward_data;
    if (slot) return *slot;
    const auto desc = describe_backward_data(request(x, weight_desc(x.type)), forward_desc(x));
    return slot.emplace(Call{layout_of(desc.weights_desc()), floats_for(desc.scratchpad_desc()),
                             Execution(dnnl::convolution_backward_data(desc),
                                       {{DNNL_ARG_DIFF_DST, desc.diff_dst_desc()},
                                        {DNNL_ARG_WEIGHTS, desc.weights_desc()},
                                        {DNNL_ARG_DIFF_SRC, desc.diff_src_desc()},
                                        {DNNL_ARG_SCRATCHPAD, desc.scratchpad_desc()}})});
  }

  const WeightsCall& backward_weights(const Images& x) {
    auto& slot = primitives[x].backward_weights;
    if (slot) return *slot;
    const auto desc =
        describe_backward_weights(request(x, weight_desc(DType::float32)), forward_desc(x));
    return slot.emplace(WeightsCall{floats_for(desc.diff_weights_desc()),
                                    floats_for(desc.scratchpad_desc()),
                                    Execution(dnnl::convolution_backward_weights(desc),
                                              {{DNNL_ARG_SRC, desc.src_desc()},
                                               {DNNL_ARG_DIFF_DST, desc.diff_dst_desc()},
                                               {DNNL_ARG_DIFF_WEIGHTS, desc.diff_weights_desc()},
                                               {DNNL_ARG_DIFF_BIAS, bias_desc()},
                                               {DNNL_ARG_SCRATCHPAD, desc.scratchpad_desc()}}),
                                    addition(desc.diff_weights_desc(), plain_weight_desc())});
  }

  std::size_t layout_of(const Desc& desc) {
    const auto found = std::ranges::find(packed, desc, &Packed::desc);
    if (found != packed.end()) return std::size_t(found - packed.begin());
    packed.push_back({desc, Tensor(flat(floats_for(desc))), 0});
    return packed.size() - 1;
  }

  /// The weights laid out as a call wants them, packed anew if they have changed.
  Tensor weights_for(const Call& call, const ConvolutionWeights& w) {
    Packed& found = packed[call.layout];
    if (found.version != w.version) {
      const Tensor assembled = w.assembled ? w.assembled() : Tensor();
      const auto weight = w.assembled ? assembled.floats() : w.weight;
      dnnl::memory plain(plain_weight_desc(), engine(), const_cast<float*>(weight.data()));
      dnnl::memory packed_weights = view(found.desc, found.buffer);
      dnnl::reorder(plain, packed_weights).execute(stream(), plain, packed_weights);
      found.version = w.version;
    }
    return found.buffer;
  }

  void run_forward(const Call& forward, const Tensor& x, const Tensor& weights, const float* bias,
                   const Tensor& y) const {
    const Tensor scratch(flat(forward.scratch));
    // SSE4.1 takes it to be aligned, which a place among the parameters is not.
    const Tensor aligned_bias(flat(shape.out));
    std::copy_n(bias, shape.out, aligned_bias.as<float>());
    forward.execution.run(
        {x.data(), weights.data(), aligned_bias.data(), y.data(), scratch.data()});
  }

  /// The derivative of all images, each on one thread alone. Scratch is taken here, one piece
  /// a thread, so that how many pieces there are depends on no timing.
  static void run_backward_one_by_one(const Call& backward, const Tensor& dy, const Tensor& weights,
                                      const Tensor& dx) {
    const auto images = std::size_t(dy.dims().n);
    std::vector<Tensor> scratch(std::min(std::size_t(threads()), images));
    for (Tensor& piece : scratch) piece = Tensor(flat(backward.scratch));
    const auto image = [&](const Tensor& x, std::size_t i) {
      return static_cast<std::byte*>(x.data()) +
             i * (x.count() / images) * bytes_per_element(x.dtype());
    };
    parallel_for(scratch.size(), [&](std::size_t worker) {
      const OneThread alone;
      for (std::size_t i = worker; i < images; i += scratch.size())
        backward.execution.run(
            {image(dy, i), weights.data(), image(dx, i), scratch[worker].data()});
    });
  }
};

Convolution::Convolution(const ConvolutionShape& shape) : state_(std::make_unique<State>(shape)) {}
Convolution::~Convolution() = default;
Convolution::Convolution(Convolution&&) noexcept = default;

Tensor Convolution::forward(const Tensor& x, const ConvolutionWeights& w) const {
  std::unique_lock lock(state_->mutex);
  const Call& forward = state_->forward(images(x));
  const Tensor weights = state_->weights_for(forward, w);
  lock.unlock();
  Tensor y(state_->shape.output(x.dims()), x.dtype());
  state_->run_forward(forward, x, weights, w.bias.data(), y);
  return y;
}

void Convolution::forward_onto(const Tensor& sum, const Tensor& x,
                               const ConvolutionWeights& w) const {
  assert(sum.dims() == state_->shape.output(x.dims()));
  std::unique_lock lock(state_->mutex);
  const Call& forward = state_->forward_onto(images(x));
  const Tensor weights = state_->weights_for(forward, w);
  lock.unlock();
  state_->run_forward(forward, x, weights, w.bias.data(), sum);
}

Tensor Convolution::backward_data(const Tensor& dy, const Dims& x,
                                  const ConvolutionWeights& w) const {
  std::unique_lock lock(state_->mutex);
  const Call& backward = state_->backward_data({x, dy.dtype()});
  const Tensor weights = state_->weights_for(backward, w);
  lock.unlock();
  Tensor dx(x, dy.dtype());
  if (state_->backward_goes_one_by_one()) {
    State::run_backward_one_by_one(backward, dy, weights, dx);
  } else {
    const Tensor scratch(flat(backward.scratch));
    backward.execution.run({dy.data(), weights.data(), dx.data(), scratch.data()});
  }
  return dx;
}

void Convolution::backward_weights(const Tensor& x, const Tensor& dy, std::span<float> dw,
                                   std::span<float> db) const {
  std::unique_lock lock(state_->mutex);
  const WeightsCall& backward = state_->backward_weights(images(x));
  lock.unlock();
  const Tensor packed(flat(backward.packed)), scratch(flat(backward.scratch));
  const Tensor bias(flat(state_->shape.out));
  backward.execution.run({x.data(), dy.data(), packed.data(), bias.data(), scratch.data()});
  backward.add.run({packed.data(), dw.data()});
  for (std::size_t i = 0; i < db.size(); ++i) db[i] += bias.floats()[i];
}

}  // namespace diffusion::nn::onednn
