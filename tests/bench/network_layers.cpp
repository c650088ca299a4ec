#include "tests/bench/network_layers.hpp"

#include <algorithm>
#include <memory>
#include <ranges>

#include "lib/nn/attention.hpp"
#include "lib/nn/conv2d.hpp"
#include "lib/nn/elementwise.hpp"
#include "lib/nn/group_norm.hpp"
#include "lib/nn/linear.hpp"
#include "lib/rng/noise_source.hpp"

namespace diffusion::bench {
namespace {

using nn::Dims;
using nn::Tape;
using nn::Tensor;

bool has(const std::string& name, const char* part) { return name.find(part) != name.npos; }

/// Of the images that a weight sees.
std::int64_t height_of(const std::string& name, std::int64_t height, std::int64_t levels) {
  if (name.starts_with("mid_block")) return height >> (levels - 1);
  if (!has(name, "_blocks.")) return height;
  const std::int64_t level = name[name.find('.') + 1] - '0';
  if (name.starts_with("down_blocks")) return height >> level;
  return height >> (levels - 1 - level - has(name, "upsamplers"));
}

std::int64_t extent(const nn::Param& param, std::size_t axis) {
  return axis < param.shape.size() ? std::int64_t(param.shape[axis]) : 1;
}

Dims with_channels(Dims x, std::int64_t channels) {
  x.c = channels;
  return x;
}

/// Where no convolution changes the channels, a residual block ends in a sum.
bool ends_in_sum(const std::string& name) {
  return has(name, "to_out") || (has(name, "conv2") && !name.starts_with("up_blocks"));
}

}  // namespace

Layers::Layers(const Network& network, const Dims& images, nn::DType type)
    : type_(type), config_(parse_unet_config(network.config())) {
  for (const nn::Param& weight : network.parameters().all()) {
    if (!weight.name.ends_with(".weight")) continue;
    const std::int64_t height = height_of(weight.name, images.h, config_.levels());
    add({weight, {images.n, height, height, extent(weight, 1)}});
  }
}

void Layers::add(const Place& place) {
  const std::string& name = place.weight.name;
  if (has(name, "norm")) return add_norm(place);
  if (has(name, "time_emb")) return add_time(place);
  if (name.ends_with("to_k.weight") || name.ends_with("to_v.weight")) return;  // with to_q
  add_convolution(place);
  if (name.ends_with("to_q.weight")) add_attention(place);
  if (has(name, "upsamplers")) add_upsampling(place);
  if (has(name, "conv1") && name.starts_with("up_blocks")) add_join(place);
  if (ends_in_sum(name)) add_sum(place);
}

void Layers::forward(Kind kind, Tape* tape) {
  for (const Layer& layer : layers_)
    if (layer.kind == kind) layer.forward(tape);
}

void Layers::backward(Kind kind, Tape& tape) {
  for (const Layer& layer : layers_ | std::views::reverse)
    if (layer.kind == kind) layer.backward(tape);
}

void Layers::add_convolution(const Place& place) {
  const auto& [weight, x] = place;
  const std::int64_t maps = weight.name.ends_with("to_q.weight") ? 3 : 1;
  nn::ConvolutionShape shape{
      .in = x.c, .out = maps * extent(weight, 0), .kernel = extent(weight, 2)};
  shape.stride = has(weight.name, "downsamplers") ? 2 : 1;
  shape.pad_before = shape.pad_after = shape.kernel.h / 2;
  const auto layer = std::make_shared<nn::Conv2d>(parameters_, weight.name, shape);
  const Tensor in = noise(x), dy = noise(shape.output(x));
  const auto backward = [=, first = weight.name == "conv_in.weight"](Tape& tape) {
    if (first)
      layer->backward_weights(dy, tape);
    else
      layer->backward(dy, tape);
  };
  layers_.push_back({shape.kernel == 1 ? Kind::pixel_linear : Kind::convolution,
                     [=](Tape* tape) { layer->forward(in, tape); }, backward});
}

void Layers::add_norm(const Place& place) {
  const std::string& name = place.weight.name;
  const auto activation = has(name, "group_norm") ? nn::Activation::none : nn::Activation::silu;
  const Dims dims = with_channels(place.x, extent(place.weight, 0));
  const auto layer = std::make_shared<nn::GroupNorm>(
      parameters_, name,
      nn::GroupNorm::Shape{
          .channels = dims.c, .groups = config_.norm_num_groups, .activation = activation});
  const Tensor x = noise(dims);
  const Tensor shift =
      has(name, "norm2") ? noise({dims.n, 1, 1, dims.c}, nn::DType::float32) : Tensor();
  const Tensor straight = has(name, "norm2") ? Tensor() : x;
  layers_.push_back({Kind::norm, [=](Tape* tape) { layer->forward(x, shift, tape); },
                     [=](Tape& tape) { layer->backward(x, straight, tape); }});
}

void Layers::add_attention(const Place& place) {
  const Tensor qkv = noise(with_channels(place.x, 3 * place.x.c)), dy = noise(place.x);
  const std::int64_t heads = config_.heads(place.x.c);
  layers_.push_back({Kind::attention, [=](Tape* tape) { attend(qkv, heads, tape); },
                     [=](Tape& tape) { attend_backward(dy, heads, tape); }});
}

void Layers::add_join(const Place& place) {
  const std::int64_t own = extent(place.weight, 0);
  const Tensor first = noise(with_channels(place.x, own));
  const Tensor second = noise(with_channels(place.x, place.x.c - own)), both = noise(place.x);
  layers_.push_back({Kind::copies, [=](Tape*) { concatenate(first, second); },
                     [=](Tape&) { split_channels(both, own); }});
}

/// On the way back a sum needs nothing, but a skip's derivative is added there.
void Layers::add_sum(const Place& place) {
  const Tensor x = noise(place.x);
  layers_.push_back(
      {Kind::copies, [=](Tape*) { add_in_place(x, x); }, [=](Tape&) { add_in_place(x, x); }});
}

void Layers::add_upsampling(const Place& place) {
  const Dims d = place.x;
  const Tensor x = noise({d.n, d.h / 2, d.w / 2, d.c}), dy = noise(d);
  layers_.push_back({Kind::resampling, [=](Tape*) { upsample_nearest(x); },
                     [=](Tape&) { upsample_nearest_backward(dy); }});
}

void Layers::add_time(const Place& place) {
  const std::int64_t in = extent(place.weight, 1), out = extent(place.weight, 0);
  const auto layer = std::make_shared<nn::Linear>(parameters_, place.weight.name, in, out);
  const Tensor x = noise({place.x.n, 1, 1, in}, nn::DType::float32);
  const Tensor dy = noise({place.x.n, 1, 1, out}, nn::DType::float32);
  layers_.push_back({Kind::time, [=](Tape* tape) { layer->forward(x, tape); },
                     [=](Tape& tape) { layer->backward(dy, tape); }});
}

Tensor Layers::noise(const Dims& dims, nn::DType type) {
  for (const Tensor& known : tensors_)
    if (known.dims() == dims && known.dtype() == type) return known;
  const Tensor values(dims);
  NoiseSource(0, "bench").fill(values.floats(), 0, 0);
  return tensors_.emplace_back(nn::converted(values, type));
}

}  // namespace diffusion::bench
