#include "tests/bench/network_layers.hpp"

#include <memory>
#include <ranges>

#include "lib/nn/attention.hpp"
#include "lib/nn/conv2d.hpp"
#include "lib/nn/elementwise.hpp"
#include "lib/nn/group_norm.hpp"
#include "lib/nn/layer_norm.hpp"
#include "lib/nn/linear.hpp"
#include "lib/nn/pixel_linear.hpp"
#include "lib/rng/noise_source.hpp"

namespace diffusion::bench {
namespace {

using nn::Dims;
using nn::Step;
using nn::Tape;
using nn::Tensor;
namespace layers = nn::layers;

}  // namespace

Layers::Layers(const Network& network, const Dims& images, nn::DType type) : type_(type) {
  const nn::Graph& graph = *network.graph();
  sizes_ = graph.sizes(images);
  learned_.resize(sizes_.size());
  for (const Step& step : plan(graph)) {
    step_ = &step;
    std::visit([&](const auto& layer) { add(layer); }, *step.layer);
    learned_[step.value] = step.learns;
  }
  parameters_.values();  // before several threads ask for them
}

void Layers::forward(Kind kind, Tape* tape) {
  for (const Layer& layer : layers_)
    if (layer.kind == kind) layer.forward(tape);
}

void Layers::backward(Kind kind, Tape& tape) {
  for (const Layer& layer : layers_ | std::views::reverse)
    if (layer.kind == kind) layer.backward(tape);
}

Tensor Layers::input(std::size_t i) { return noise(sizes_[step_->inputs[i]]); }
Tensor Layers::vector(std::size_t i) { return noise(sizes_[step_->inputs[i]], nn::DType::float32); }
Tensor Layers::result() { return noise(sizes_[step_->value]); }

void Layers::add(const layers::Convolution& l) {
  const auto layer = std::make_shared<nn::Conv2d>(parameters_, l.name, l.shape);
  const std::size_t from = step_->form == Step::Form::onto_first ? 1 : 0;
  const Tensor in = input(from), dy = result();
  const auto backward = [=, wanted = learned_[step_->inputs[from]]](Tape& tape) {
    if (wanted)
      layer->backward(dy, tape);
    else
      layer->backward_weights(dy, tape);
  };
  layers_.push_back({l.shape.kernel.h == 1 ? Kind::pixel_linear : Kind::convolution,
                     [=](Tape* tape) { layer->forward(in, tape); }, backward});
}

void Layers::add(const layers::PixelLinear& l) {
  const auto layer = std::make_shared<nn::PixelLinear>(
      parameters_, l.names, nn::PixelLinear::Shape{.in = l.in, .out = l.out});
  const Tensor in = input(0), dy = result();
  layers_.push_back({Kind::pixel_linear, [=](Tape* tape) { layer->forward(in, tape); },
                     [=](Tape& tape) { layer->backward(dy, tape); }});
}

void Layers::add(const layers::GroupNorm& l) {
  const auto layer = std::make_shared<nn::GroupNorm>(
      parameters_, l.name, nn::GroupNorm::Shape{l.channels, l.groups, l.eps, l.activation});
  const std::size_t inputs = step_->inputs.size();
  const Tensor x = input(0);
  nn::GroupNorm::Vectors vectors;
  if (inputs == 2) vectors.shift = vector(1);
  if (inputs == 3) vectors.modulation = {vector(1), vector(2)};
  const Tensor straight = inputs > 1 ? Tensor() : x;  // the residual's derivative
  layers_.push_back({Kind::norm, [=](Tape* tape) { layer->forward(x, vectors, tape); },
                     [=](Tape& tape) { layer->backward(x, straight, tape); }});
}

void Layers::add(const layers::LayerNorm& l) {
  const auto layer = std::make_shared<nn::LayerNorm>(
      parameters_, l.name, nn::LayerNorm::Shape{l.channels, l.eps, l.centred});
  nn::Modulation modulation;
  if (step_->inputs.size() > 1) modulation = {vector(1), vector(2)};
  const Tensor x = input(0);
  layers_.push_back({Kind::norm, [=](Tape* tape) { layer->forward(x, modulation, tape); },
                     [=](Tape& tape) { layer->backward(x, x, tape); }});
}

void Layers::add(const layers::Gelu&) {
  const Tensor x = input(0);
  layers_.push_back({Kind::norm, [=](Tape* tape) { nn::gelu(x, tape); },
                     [=](Tape& tape) { nn::gelu_backward(x, tape); }});
}

void Layers::add(const layers::GatedSum&) {
  const Tensor x = input(0), y = input(1), gate = vector(2);
  layers_.push_back({Kind::copies, [=](Tape* tape) { nn::gated_sum(x, y, gate, tape); },
                     [=](Tape& tape) { nn::gated_sum_backward(x, tape); }});
}

void Layers::add(const layers::Attention& l) {
  const Tensor qkv = input(0), dy = result();
  layers_.push_back({Kind::attention, [=](Tape* tape) { attend(qkv, l.heads, tape); },
                     [=](Tape& tape) { attend_backward(dy, l.heads, tape); }});
}

void Layers::add(const layers::Concatenation&) {
  const Tensor first = input(0), second = input(1), both = result();
  layers_.push_back({Kind::copies, [=](Tape*) { concatenate(first, second); },
                     [=](Tape&) { split_channels(both, first.dims().c); }});
}

/// On the way back a sum needs nothing, but a skip's derivative is added there.
void Layers::add(const layers::Sum&) {
  const Tensor x = result();
  if (x.dims().h * x.dims().w == 1) return;  // of the time
  layers_.push_back(
      {Kind::copies, [=](Tape*) { add_in_place(x, x); }, [=](Tape&) { add_in_place(x, x); }});
}

void Layers::add(const layers::NearestUpsampling&) {
  const Tensor x = input(0), dy = result();
  layers_.push_back({Kind::resampling, [=](Tape*) { upsample_nearest(x); },
                     [=](Tape&) { upsample_nearest_backward(dy); }});
}

void Layers::add(const layers::MeanDownsampling&) {
  const Tensor x = input(0), dy = result();
  layers_.push_back({Kind::resampling, [=](Tape*) { downsample_mean(x); },
                     [=](Tape&) { downsample_mean_backward(dy); }});
}

void Layers::add(const layers::Linear& l) {
  const auto layer = std::make_shared<nn::Linear>(parameters_, l.name, l.in, l.out);
  const Tensor x = vector(0), dy = noise(sizes_[step_->value], nn::DType::float32);
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
