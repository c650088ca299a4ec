// Small networks that together have every kind of layer: what an engine is tried on.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "lib/nn/graph.hpp"

namespace diffusion::test {

struct SampleGraph {
  std::string name;
  nn::Graph graph;
  nn::Dims images;  // that it is tried on; divisible by 2

  bool is_trainable() const {
    return std::ranges::all_of(graph.nodes(),
                               [](const nn::Node& node) { return nn::is_trainable(node.layer); });
  }
};

namespace sample {

namespace layers = nn::layers;
using nn::Graph;
using nn::Value;

inline Value working(Graph& g, Value x) {
  return g.add(layers::Conversion{layers::Conversion::To::working}, {x});
}
inline void end(Graph& g, Value x) {
  g.add(layers::Conversion{layers::Conversion::To::float32}, {x});
}

/// The image through one layer of pixels, with a convolution before it that has weights.
inline SampleGraph of(const std::string& name, nn::Dims images, std::int64_t channels,
                      nn::Layer layer) {
  Graph g({.channels = images.c, .height = images.h, .width = images.w});
  const Value x = g.add(layers::Convolution{"first", nn::conv3x3(images.c, channels)},
                        {working(g, g.images())});
  end(g, g.add(std::move(layer), {x}));
  return {name, std::move(g), images};
}

/// The time and the class, as embeddings are told of them, shift an image's norm.
inline SampleGraph shifted_norm(const std::string& name, nn::SinusoidOrder order) {
  const nn::Dims images{4, 4, 6, 3};
  Graph g({.channels = 3});
  const Value hidden =
      g.add(layers::Linear{"time.1", 9, 12}, {g.add(layers::Sinusoids{{9, order, 1}})});
  const Value time = g.add(layers::Linear{"time.2", 12, 8}, {g.add(layers::Activate{}, {hidden})});
  const Value label = g.add(layers::ClassVector{"label", 3, 8});
  const Value shift = g.add(layers::Activate{}, {g.add(layers::Sum{}, {time, label})});
  const Value x = g.add(layers::Convolution{"first", nn::conv3x3(3, 8)}, {working(g, g.images())});
  const Value y = g.add(layers::GroupNorm{"norm", 8, 4, 1e-5f, nn::Activation::silu}, {x, shift});
  end(g, y);
  return {name, std::move(g), images};
}

/// The same, told by vectors of frequencies, of labels and of rows.
inline SampleGraph told_otherwise() {
  const nn::Dims images{4, 4, 6, 3};
  Graph g({.channels = 3});
  nn::SinusoidShape logarithm{.channels = 1}, row{.channels = 1}, inverse{.channels = 8};
  logarithm.form = nn::TimeForm::logarithm;
  row.form = nn::TimeForm::row;
  row.rows = 200;
  inverse.form = nn::TimeForm::inverse;
  const Value waves =
      g.add(layers::FourierFeatures{"waves", 5}, {g.add(layers::Sinusoids{logarithm})});
  const Value time = g.add(layers::Linear{"time", 10, 8}, {waves});
  const Value label =
      g.add(layers::Linear{"label", 6, 8}, {g.add(layers::LabelSinusoids{3, {.channels = 6}})});
  const Value vector = g.add(layers::ClassVector{"rows", 200, 8}, {g.add(layers::Sinusoids{row})});
  Value all = g.add(layers::Sum{}, {g.add(layers::Sum{}, {time, label}), vector});
  all = g.add(layers::Activate{nn::Activation::mish}, {all});
  const Value x = g.add(layers::Convolution{"first", nn::conv3x3(3, 8)}, {working(g, g.images())});
  const Value y = g.add(layers::GroupNorm{"norm", 8, 4, 1e-5f, nn::Activation::gelu}, {x, all});
  end(g, g.add(layers::GatedSum{}, {y, x, g.add(layers::Sinusoids{inverse})}));
  return {"time and class in other words", std::move(g), images};
}

/// A residual block whose shortcut is a convolution or none; what is joined is kept for later.
inline SampleGraph residual(const std::string& name, std::int64_t out) {
  const nn::Dims images{2, 4, 4, 8};
  Graph g({.channels = 8});
  const Value x = g.add(layers::Convolution{"first", nn::conv3x3(8, 8)}, {working(g, g.images())});
  const Value h = g.add(layers::GroupNorm{"norm", 8, 2, 1e-5f, nn::Activation::silu}, {x});
  const Value straight =
      out == 8 ? x : g.add(layers::Convolution{"shortcut", {.in = 8, .out = out}}, {x});
  const Value y = g.add(layers::Convolution{"conv", nn::conv3x3(8, out)}, {h});
  const Value sum = g.add(layers::Sum{}, {straight, y});
  const Value half = g.add(layers::Affine{0.5f, 0.25f}, {sum});
  end(g, g.add(layers::Concatenation{}, {half, x}));
  return {name, std::move(g), images};
}

/// One value that goes many ways, as summands and twice as one.
inline SampleGraph many_ways() {
  const nn::Dims images{2, 4, 4, 8};
  Graph g({.channels = 8});
  const Value x = g.add(layers::Convolution{"first", nn::conv3x3(8, 8)}, {working(g, g.images())});
  const Value twice = g.add(layers::Sum{}, {x, x});
  const Value thrice = g.add(layers::Sum{}, {twice, x});
  const Value norm = g.add(layers::GroupNorm{"norm", 8, 2}, {x});
  const Value more = g.add(layers::Sum{}, {thrice, norm});
  end(g, g.add(layers::Concatenation{}, {more, more}));
  return {"many ways", std::move(g), images};
}

inline SampleGraph self_attention(std::int64_t heads) {
  const nn::Dims images{2, 4, 5, 8};
  Graph g({.channels = 8});
  const Value qkv = g.add(layers::PixelLinear{{"q", "k", "v"}, 8, 8}, {working(g, g.images())});
  const Value y = g.add(layers::Attention{heads}, {qkv});
  end(g, g.add(layers::PixelLinear{{"out"}, 8, 8}, {y}));
  return {"attention of " + std::to_string(heads) + " heads", std::move(g), images};
}

/// A vector made of the time and the class, with what a block of `channels` takes of it.
inline Value conditions(Graph& g, std::int64_t channels, std::int64_t parts) {
  const Value time = g.add(layers::Linear{"time", 8, 12}, {g.add(layers::Sinusoids{{8}})});
  const Value label = g.add(layers::ClassVector{"label", 3, 12});
  const Value both = g.add(layers::Activate{}, {g.add(layers::Sum{}, {time, label})});
  return g.add(layers::Linear{"modulation", 12, parts * channels}, {both});
}

inline Value part(Graph& g, Value of, std::int64_t i, std::int64_t channels) {
  return g.add(layers::ChannelRange{i * channels, channels}, {of});
}

/// A norm that is shifted and scaled.
template <class Norm>
SampleGraph modulated_norm(const std::string& name, const Norm& norm) {
  const nn::Dims images{3, 4, 5, 2};
  Graph g({.channels = 2});
  const Value all = conditions(g, norm.channels, 2);
  const Value x = g.add(layers::PixelLinear{{"first"}, 2, norm.channels}, {working(g, g.images())});
  end(g, g.add(norm, {x, part(g, all, 0, norm.channels), part(g, all, 1, norm.channels)}));
  return {name, std::move(g), images};
}

/// A transformer's block: what it adds is gated.
inline SampleGraph transformer() {
  const nn::Dims images{3, 4, 6, 2};
  Graph g({.channels = 2, .height = 4, .width = 6});
  const Value all = conditions(g, 8, 6);
  const auto of = [&](std::int64_t i) { return part(g, all, i, 8); };
  const layers::Convolution embed{"embed", {.in = 2, .out = 8, .kernel = 2, .stride = 2}};
  Value x = g.add(embed, {working(g, g.images())});
  x = g.add(layers::Positions{2, 3, 8}, {x});
  const Value n1 = g.add(layers::LayerNorm{"", 8, 1e-6f}, {x, of(0), of(1)});
  const Value qkv = g.add(layers::PixelLinear{{"qkv"}, 8, 24}, {n1});
  const Value y = g.add(layers::PixelLinear{{"proj"}, 8, 8}, {g.add(layers::Attention{2}, {qkv})});
  x = g.add(layers::GatedSum{}, {x, y, of(2)});
  const Value n2 = g.add(layers::LayerNorm{"", 8, 1e-6f}, {x, of(3), of(4)});
  const Value h = g.add(layers::Gelu{}, {g.add(layers::PixelLinear{{"fc1"}, 8, 16}, {n2})});
  x = g.add(layers::GatedSum{}, {x, g.add(layers::PixelLinear{{"fc2"}, 16, 8}, {h}), of(5)});
  end(g, g.add(layers::Unpatching{2, 2}, {x}));
  return {"a transformer's block", std::move(g), images};
}

/// Queries and keys that are normalised and turned.
inline SampleGraph rotary_attention() {
  const nn::Dims images{3, 4, 5, 4};
  Graph g({.channels = 4, .height = 4, .width = 5});
  Value x = g.add(layers::PixelLinear{{"qkv"}, 4, 48}, {working(g, g.images())});
  x = g.add(layers::QueryKeyNorm{"q", "k", 2, 8}, {x});
  x = g.add(layers::Attention{2}, {g.add(layers::Rotary{4, 5, 2, 8}, {x})});
  end(g, g.add(layers::PixelLinear{{"out"}, 16, 4}, {x}));
  return {"attention that is told of places", std::move(g), images};
}

/// The same with vectors before the pixels, of which there are none afterwards.
inline SampleGraph attention_with_context() {
  const nn::Dims images{3, 4, 5, 4};
  Graph g({.channels = 4, .height = 4, .width = 5});
  const Value label = g.add(layers::ClassVector{"label", 3, 4});
  Value x = g.add(layers::PixelLinear{{"first"}, 4, 4}, {working(g, g.images())});
  x = g.add(layers::Context{"context", 3, 4}, {x, label});
  x = g.add(layers::PixelLinear{{"qkv"}, 4, 48}, {x});
  x = g.add(layers::Attention{2}, {g.add(layers::Rotary{4, 5, 2, 8, 3}, {x})});
  x = g.add(layers::WithoutContext{3, 4, 5}, {x});
  end(g, g.add(layers::PixelLinear{{"out"}, 16, 4}, {x}));
  return {"attention with a context", std::move(g), images};
}

/// All pixels of an image as one vector.
inline SampleGraph vectors() {
  const nn::Dims images{3, 4, 6, 2};
  Graph g({.channels = 2, .height = 4, .width = 6});
  const Value all = g.add(layers::Patches{4, 6}, {g.images()});
  const Value hidden = g.add(layers::Activate{}, {g.add(layers::Linear{"first", 48, 10}, {all})});
  g.add(layers::Unpatching{4, 6}, {g.add(layers::Linear{"last", 10, 48}, {hidden})});
  return {"vectors", std::move(g), images};
}

}  // namespace sample

inline std::vector<SampleGraph> sample_graphs() {
  using namespace sample;
  const nn::ConvolutionShape halving{
      .in = 8, .out = 6, .kernel = 3, .stride = 2, .pad_before = 1, .pad_after = 1};
  const nn::ConvolutionShape lopsided{.in = 8, .out = 6, .kernel = 3, .stride = 2, .pad_after = 1};
  const nn::ConvolutionShape wide{
      .in = 8, .out = 6, .kernel = {1, 5}, .pad_before = {0, 2}, .pad_after = {0, 2}};
  const nn::ConvolutionShape tall{
      .in = 8, .out = 6, .kernel = {3, 1}, .pad_before = {1, 0}, .pad_after = {1, 0}};
  std::vector<SampleGraph> all;
  all.push_back(of("convolution", {2, 4, 6, 3}, 8, layers::Convolution{"c", nn::conv3x3(8, 5)}));
  all.push_back(
      of("a convolution that halves", {2, 4, 6, 3}, 8, layers::Convolution{"c", halving}));
  all.push_back(of("with zeros on one side", {2, 4, 6, 3}, 8, layers::Convolution{"c", lopsided}));
  all.push_back(of("1 x 1", {2, 4, 6, 3}, 8, layers::Convolution{"c", {.in = 8, .out = 16}}));
  all.push_back(of("group norm", {2, 4, 6, 3}, 8, layers::GroupNorm{"n", 8, 2}));
  all.push_back(of("up-sampling", {2, 4, 6, 3}, 4, layers::NearestUpsampling{}));
  all.push_back(of("blur", {2, 4, 6, 3}, 19, layers::Blur{}));
  for (const auto activation : {nn::Activation::mish, nn::Activation::gelu})
    all.push_back(of("group norm and activation " + std::to_string(int(activation)), {2, 4, 6, 3},
                     8, layers::GroupNorm{"n", 8, 2, 1e-5f, activation}));
  all.push_back(of("down-sampling", {2, 4, 6, 3}, 5, layers::MeanDownsampling{}));
  all.push_back(of("patches", {2, 4, 6, 3}, 4, layers::Patches{2, 3}));
  all.push_back(of("unpatching", {2, 4, 6, 3}, 12, layers::Unpatching{2, 3}));
  all.push_back(of("dropout", {2, 4, 6, 3}, 5, layers::Dropout{"d", 0.3}));
  all.push_back(of("a wide convolution", {2, 4, 6, 3}, 8, layers::Convolution{"c", wide}));
  all.push_back(of("a tall convolution", {2, 4, 6, 3}, 8, layers::Convolution{"c", tall}));
  all.push_back(of("max(0, x)", {2, 4, 6, 3}, 5, layers::Relu{}));
  all.push_back(of("the largest around", {2, 4, 6, 3}, 5, layers::Pooling{.pad = 1}));
  all.push_back(of("the largest of some", {2, 5, 8, 3}, 5, layers::Pooling{.stride = 2}));
  all.push_back(
      of("means around", {2, 4, 6, 3}, 5, layers::Pooling{layers::Pooling::To::mean, 3, 1, 1}));
  all.push_back(
      of("means of some", {2, 6, 7, 3}, 5, layers::Pooling{layers::Pooling::To::mean, 5, 2, 2}));
  all.push_back(of("means of channels", {2, 4, 6, 3}, 5, layers::SpatialMean{}));
  all.push_back(of("some channels", {2, 4, 6, 3}, 7, layers::ChannelRange{2, 3}));
  all.push_back(shifted_norm("a norm shifted by time and class", nn::SinusoidOrder::cos_sin));
  all.push_back(shifted_norm("with sines first", nn::SinusoidOrder::sin_cos));
  all.push_back(told_otherwise());
  all.push_back(residual("a residual block", 8));
  all.push_back(residual("with a shortcut", 6));
  all.push_back(many_ways());
  all.push_back(self_attention(1));
  all.push_back(self_attention(2));
  all.push_back(of("layer norm", {2, 4, 6, 3}, 19, layers::LayerNorm{"n", 19}));
  all.push_back(of("layer norm without weights", {2, 4, 6, 3}, 8, layers::LayerNorm{"", 8}));
  all.push_back(of("root mean square", {2, 4, 6, 3}, 19, layers::LayerNorm{"n", 19, 1e-6f, false}));
  all.push_back(of("GELU", {2, 4, 6, 3}, 5, layers::Gelu{}));
  all.push_back(of("places", {2, 4, 6, 3}, 8, layers::Positions{4, 6, 8}));
  all.push_back(modulated_norm("a modulated norm", layers::LayerNorm{"norm", 19}));
  all.push_back(
      modulated_norm("a modulated root mean square", layers::LayerNorm{"norm", 8, 1e-6f, false}));
  all.push_back(modulated_norm("a modulated norm of groups",
                               layers::GroupNorm{"norm", 8, 2, 1e-5f, nn::Activation::silu}));
  all.push_back(of("SwiGLU", {2, 4, 6, 3}, 38, layers::SwiGlu{}));
  all.push_back(of("query-key norm", {2, 4, 6, 3}, 60, layers::QueryKeyNorm{"q", "k", 4, 5}));
  all.push_back(of("turns", {2, 4, 6, 3}, 60, layers::Rotary{4, 6, 1, 20}));
  all.push_back(rotary_attention());
  all.push_back(attention_with_context());
  all.push_back(transformer());
  all.push_back(vectors());
  return all;
}

}  // namespace diffusion::test
