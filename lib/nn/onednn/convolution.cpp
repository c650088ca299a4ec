#include "lib/nn/onednn/convolution.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <mutex>
#include <optional>
#include <tuple>

#include "lib/base/parallel.hpp"
#include "lib/nn/onednn/engine.hpp"
#include "lib/nn/onednn/versions.hpp"

namespace diffusion::nn::onednn {
namespace {

using Desc = dnnl::memory::desc;
using Tag = dnnl::memory::format_tag;
using F32 = std::integral_constant<dnnl::memory::data_type, dnnl::memory::data_type::f32>;

/// A primitive and the descriptors that executing it takes.
template <class Primitive>
struct Ready {
  typename Primitive::primitive_desc desc;
  Primitive primitive;

  explicit Ready(typename Primitive::primitive_desc d) : desc(std::move(d)), primitive(desc) {}
};

using Forward = Ready<dnnl::convolution_forward>;
using BackwardData = Ready<dnnl::convolution_backward_data>;
using BackwardWeights = Ready<dnnl::convolution_backward_weights>;

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
  std::optional<Forward> forward, forward_onto;
  std::optional<BackwardData> backward_data;
  std::optional<BackwardWeights> backward_weights;
};

void reorder(const dnnl::memory& from, const dnnl::memory& to) {
  dnnl::reorder(from, to).execute(stream(), const_cast<dnnl::memory&>(from),
                                  const_cast<dnnl::memory&>(to));
}

void add_reordered(const dnnl::memory& from, dnnl::memory to) {
  dnnl::post_ops ops;
  ops.append_sum();
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(ops);
  dnnl::reorder(from, to, attributes).execute(stream(), const_cast<dnnl::memory&>(from), to);
}

}  // namespace

Dims ConvolutionShape::output(const Dims& x) const {
  const auto extent = [&](std::int64_t size) {
    return (size + pad_before + pad_after - kernel) / stride + 1;
  };
  return {x.n, extent(x.h), extent(x.w), out};
}

struct Convolution::State {
  ConvolutionShape shape;
  std::mutex mutex;
  std::map<Images, Primitives> primitives;
  std::vector<Packed> packed;

  explicit State(const ConvolutionShape& s) : shape(s) {}

  dnnl::memory::dims weight_dims() const {
    return {shape.out, shape.in, shape.kernel, shape.kernel};
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
            .pad_before = {shape.pad_before, shape.pad_before},
            .pad_after = {shape.pad_after, shape.pad_after},
            .attributes = attributes};
  }

  ForwardDesc forward_desc(const Images& x, const dnnl::post_ops& ops = {}) const {
    return describe_forward(dnnl::prop_kind::forward_training,
                            request(x, weight_desc(x.type), ops));
  }

  const Forward& forward(const Images& x) {
    auto& slot = primitives[x].forward;
    if (!slot) slot.emplace(forward_desc(x));
    return *slot;
  }

  const Forward& forward_onto(const Images& x) {
    auto& slot = primitives[x].forward_onto;
    if (slot) return *slot;
    dnnl::post_ops ops;
    ops.append_sum();
    return slot.emplace(forward_desc(x, ops));
  }

  /// oneDNN 3 cuts the rows of a strided convolution's derivative as it has images and
  /// threads, and each cut sums in another order: there images go one by one, so that
  /// their bits depend on neither.
  bool backward_goes_one_by_one() const { return shape.stride > 1; }

  const BackwardData& backward_data(Images x) {
    std::optional<OneThread> alone;
    if (backward_goes_one_by_one()) {
      alone.emplace();
      x = {x.dims, x.type};
      x.dims.n = 1;
    }
    auto& slot = primitives[x].backward_data;
    if (!slot)
      slot.emplace(describe_backward_data(request(x, weight_desc(x.type)), forward_desc(x)));
    return *slot;
  }

  const BackwardWeights& backward_weights(const Images& x) {
    auto& slot = primitives[x].backward_weights;
    if (!slot)
      slot.emplace(
          describe_backward_weights(request(x, weight_desc(DType::float32)), forward_desc(x)));
    return *slot;
  }

  /// The weights laid out as `desc`, packed anew if they have changed.
  Tensor weights_as(const Desc& desc, const ConvolutionWeights& w) {
    auto found = std::ranges::find(packed, desc, &Packed::desc);
    if (found == packed.end()) {
      packed.push_back({desc, buffer_for(desc), 0});
      found = packed.end() - 1;
    }
    if (found->version != w.version) {
      const dnnl::memory plain(plain_weight_desc(), engine(), const_cast<float*>(w.weight.data()));
      reorder(plain, view(desc, found->buffer));
      found->version = w.version;
    }
    return found->buffer;
  }

  void run_forward(const Forward& forward, const Tensor& x, const Tensor& packed_weights,
                   const float* bias, const Tensor& y) const {
    const Tensor scratch = buffer_for(forward.desc.scratchpad_desc());
    // SSE4.1 takes it to be aligned, which a place among the parameters is not.
    const Tensor aligned_bias(Dims{1, 1, 1, shape.out});
    std::copy_n(bias, shape.out, aligned_bias.as<float>());
    forward.primitive.execute(
        stream(), {{DNNL_ARG_SRC, view(forward.desc.src_desc(), x)},
                   {DNNL_ARG_WEIGHTS, view(forward.desc.weights_desc(), packed_weights)},
                   {DNNL_ARG_BIAS, view(bias_desc(), aligned_bias)},
                   {DNNL_ARG_DST, view(forward.desc.dst_desc(), y)},
                   {DNNL_ARG_SCRATCHPAD, view(forward.desc.scratchpad_desc(), scratch)}});
  }

  /// The derivative of as many images as `backward` is made for.
  static void run_backward(const BackwardData& backward, void* dy, const Tensor& packed_weights,
                           void* dx, const Tensor& scratch) {
    backward.primitive.execute(
        stream(), {{DNNL_ARG_DIFF_DST, {backward.desc.diff_dst_desc(), engine(), dy}},
                   {DNNL_ARG_WEIGHTS, view(backward.desc.weights_desc(), packed_weights)},
                   {DNNL_ARG_DIFF_SRC, {backward.desc.diff_src_desc(), engine(), dx}},
                   {DNNL_ARG_SCRATCHPAD, view(backward.desc.scratchpad_desc(), scratch)}});
  }

  /// That of all images, each on one thread alone. Scratch is taken here, one piece a
  /// thread, so that how many pieces there are depends on no timing.
  static void run_backward_one_by_one(const BackwardData& backward, const Tensor& dy,
                                      const Tensor& packed_weights, const Tensor& dx) {
    const auto images = std::size_t(dy.dims().n);
    std::vector<Tensor> scratch(std::min(std::size_t(threads()), images));
    for (Tensor& piece : scratch) piece = buffer_for(backward.desc.scratchpad_desc());
    const auto image = [&](const Tensor& x, std::size_t i) {
      return static_cast<std::byte*>(x.data()) +
             i * (x.count() / images) * bytes_per_element(x.dtype());
    };
    parallel_for(scratch.size(), [&](std::size_t worker) {
      const OneThread alone;
      for (std::size_t i = worker; i < images; i += scratch.size())
        run_backward(backward, image(dy, i), packed_weights, image(dx, i), scratch[worker]);
    });
  }
};

Convolution::Convolution(const ConvolutionShape& shape) : state_(std::make_unique<State>(shape)) {}
Convolution::~Convolution() = default;
Convolution::Convolution(Convolution&&) noexcept = default;

Tensor Convolution::forward(const Tensor& x, const ConvolutionWeights& w) const {
  std::unique_lock lock(state_->mutex);
  const Forward& forward = state_->forward(images(x));
  const Tensor packed = state_->weights_as(forward.desc.weights_desc(), w);
  lock.unlock();
  Tensor y(state_->shape.output(x.dims()), x.dtype());
  state_->run_forward(forward, x, packed, w.bias.data(), y);
  return y;
}

void Convolution::forward_onto(const Tensor& sum, const Tensor& x,
                               const ConvolutionWeights& w) const {
  assert(sum.dims() == state_->shape.output(x.dims()));
  std::unique_lock lock(state_->mutex);
  const Forward& forward = state_->forward_onto(images(x));
  const Tensor packed = state_->weights_as(forward.desc.weights_desc(), w);
  lock.unlock();
  state_->run_forward(forward, x, packed, w.bias.data(), sum);
}

Tensor Convolution::backward_data(const Tensor& dy, const Dims& x,
                                  const ConvolutionWeights& w) const {
  std::unique_lock lock(state_->mutex);
  const BackwardData& backward = state_->backward_data({x, dy.dtype()});
  const Tensor packed = state_->weights_as(backward.desc.weights_desc(), w);
  lock.unlock();
  Tensor dx(x, dy.dtype());
  if (state_->backward_goes_one_by_one()) {
    State::run_backward_one_by_one(backward, dy, packed, dx);
  } else {
    const Tensor scratch = buffer_for(backward.desc.scratchpad_desc());
    State::run_backward(backward, dy.data(), packed, dx.data(), scratch);
  }
  return dx;
}

void Convolution::backward_weights(const Tensor& x, const Tensor& dy, std::span<float> dw,
                                   std::span<float> db) const {
  std::unique_lock lock(state_->mutex);
  const BackwardWeights& backward = state_->backward_weights(images(x));
  lock.unlock();
  const Desc desc = backward.desc.diff_weights_desc();
  const Tensor packed = buffer_for(desc), bias(Dims{1, 1, 1, state_->shape.out});
  const Tensor scratch = buffer_for(backward.desc.scratchpad_desc());
  backward.primitive.execute(
      stream(), {{DNNL_ARG_SRC, view(backward.desc.src_desc(), x)},
                 {DNNL_ARG_DIFF_DST, view(backward.desc.diff_dst_desc(), dy)},
                 {DNNL_ARG_DIFF_WEIGHTS, view(desc, packed)},
                 {DNNL_ARG_DIFF_BIAS, view(state_->bias_desc(), bias)},
                 {DNNL_ARG_SCRATCHPAD, view(backward.desc.scratchpad_desc(), scratch)}});
  add_reordered(view(desc, packed), {state_->plain_weight_desc(), engine(), dw.data()});
  for (std::size_t i = 0; i < db.size(); ++i) db[i] += bias.floats()[i];
}

}  // namespace diffusion::nn::onednn
