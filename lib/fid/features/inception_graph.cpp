#include "lib/fid/features/inception_graph.hpp"

#include <algorithm>
#include <cassert>
#include <map>
#include <optional>
#include <string>

#include "lib/base/parallel.hpp"
#include "lib/nn/parameters.hpp"

namespace diffusion {
namespace {

namespace layers = nn::layers;
using layers::Pooling;
using nn::Graph, nn::Value;

constexpr Pooling halving{.stride = 2}, largest_around{.pad = 1},
    means_around{.to = Pooling::To::mean, .pad = 1};

/// One after the other, or side by side.
Value join(Graph& g, std::span<const Value> parts) {
  Value all = parts[0];
  for (const Value part : parts.subspan(1)) all = g.add(layers::Concatenation{}, {all, part});
  return all;
}

/// Units of the network, or of one of its blocks ("Mixed_5b."), by their names.
struct Units {
  Graph& g;
  std::string prefix = "";

  Value operator()(const char* name, Value x) const {
    const auto units = inception_units();
    const auto unit = std::ranges::find(units, prefix + name, &InceptionUnit::name);
    assert(unit != units.end());
    Value y = g.add(layers::Convolution{unit->name, unit->shape}, {x});
    // The mean and the convolution commute, with its bias too.
    if (unit->of_means) y = g.add(means_around, {y});
    return g.add(layers::Relu{}, {y});
  }
  Value chain(std::initializer_list<const char*> names, Value x) const {
    for (const char* name : names) x = (*this)(name, x);
    return x;
  }
};

Value block_a(const Units& unit, Value x) {
  const Value parts[] = {unit("branch1x1", x), unit.chain({"branch5x5_1", "branch5x5_2"}, x),
                         unit.chain({"branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"}, x),
                         unit("branch_pool", x)};
  return join(unit.g, parts);
}

Value block_b(const Units& unit, Value x) {
  const Value parts[] = {unit("branch3x3", x),
                         unit.chain({"branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"}, x),
                         unit.g.add(halving, {x})};
  return join(unit.g, parts);
}

Value block_c(const Units& unit, Value x) {
  const Value parts[] = {unit("branch1x1", x),
                         unit.chain({"branch7x7_1", "branch7x7_2", "branch7x7_3"}, x),
                         unit.chain({"branch7x7dbl_1", "branch7x7dbl_2", "branch7x7dbl_3",
                                     "branch7x7dbl_4", "branch7x7dbl_5"},
                                    x),
                         unit("branch_pool", x)};
  return join(unit.g, parts);
}

Value block_d(const Units& unit, Value x) {
  const Value parts[] = {
      unit.chain({"branch3x3_1", "branch3x3_2"}, x),
      unit.chain({"branch7x7x3_1", "branch7x7x3_2", "branch7x7x3_3", "branch7x7x3_4"}, x),
      unit.g.add(halving, {x})};
  return join(unit.g, parts);
}

/// `pooled`: what branch_pool is given.
Value block_e(const Units& unit, Value x, Value pooled) {
  const Value single = unit("branch3x3_1", x),
              twice = unit.chain({"branch3x3dbl_1", "branch3x3dbl_2"}, x);
  const Value parts[] = {unit("branch1x1", x),           unit("branch3x3_2a", single),
                         unit("branch3x3_2b", single),   unit("branch3x3dbl_3a", twice),
                         unit("branch3x3dbl_3b", twice), unit("branch_pool", pooled)};
  return join(unit.g, parts);
}

/// The channels that sFID takes, of the join that begins with the 1 x 1 branch.
Value spatial_of(Graph& g, Value x) {
  const Value some = g.add(layers::ChannelRange{0, inception_spatial_channels}, {x});
  const Value exact = g.add(layers::Conversion{layers::Conversion::To::float32}, {some});
  return g.add(layers::Patches{17, 17}, {exact});
}

using Ends = std::map<FeatureKind, Value>;

/// The network as far as it is needed, and where what was asked for is.
Ends add_network(Graph& g, std::int64_t tap, const std::vector<FeatureKind>& kinds) {
  const auto wanted = [&](FeatureKind kind) { return std::ranges::count(kinds, kind) > 0; };
  const auto block = [&](const char* name) { return Units{g, std::string(name) + "."}; };
  Ends ends;
  const auto mean = [&](Value x, std::int64_t of) {
    if (wanted(FeatureKind::features) && tap == of)
      ends[FeatureKind::features] = g.add(layers::SpatialMean{}, {x});
    return ends.size() == kinds.size();
  };
  const Units stem{g};
  Value x = g.add(layers::Conversion{layers::Conversion::To::working}, {g.images()});
  x = g.add(halving, {stem.chain({"Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3"}, x)});
  if (mean(x, 64)) return ends;
  x = g.add(halving, {stem.chain({"Conv2d_3b_1x1", "Conv2d_4a_3x3"}, x)});
  if (mean(x, 192)) return ends;
  for (const char* name : {"Mixed_5b", "Mixed_5c", "Mixed_5d"}) x = block_a(block(name), x);
  x = block_b(block("Mixed_6a"), x);
  for (const char* name : {"Mixed_6b", "Mixed_6c", "Mixed_6d"}) x = block_c(block(name), x);
  if (wanted(FeatureKind::spatial)) ends[FeatureKind::spatial] = spatial_of(g, x);
  if (ends.size() == kinds.size()) return ends;
  x = block_c(block("Mixed_6e"), x);
  if (mean(x, 768)) return ends;
  x = block_d(block("Mixed_7a"), x);
  x = block_e(block("Mixed_7b"), x, x);
  x = block_e(block("Mixed_7c"), x, g.add(largest_around, {x}));
  if (mean(x, inception_features)) return ends;
  const auto features = ends.find(FeatureKind::features);
  const bool at_hand = tap == inception_features && features != ends.end();
  const Value means = at_hand ? features->second : g.add(layers::SpatialMean{}, {x});
  ends[FeatureKind::logits] =
      g.add(layers::Linear{"fc", inception_features, inception_classes}, {means});
  return ends;
}

}  // namespace

nn::Graph inception_graph(std::int64_t tap, std::span<const FeatureKind> kinds) {
  Graph g({.channels = 3, .height = inception_size, .width = inception_size});
  const Ends ends = add_network(g, tap, {kinds.begin(), kinds.end()});
  std::vector<Value> parts;
  for (const FeatureKind kind : kinds) parts.push_back(ends.at(kind));
  join(g, parts);
  return g;
}

std::vector<float> inception_graph_weights(const nn::Graph& graph, const InceptionWeights& weights,
                                           LogitBias bias) {
  nn::Parameters all;
  std::map<std::string, std::span<float>> parts;
  for (const nn::WeightShape& weight : graph.weights()) all.add(weight.name, weight.shape);
  for (const nn::Param& param : all.all()) parts[param.name] = all.value(param);
  const auto units = inception_units();
  parallel_for(units.size(), [&](std::size_t i) {
    const auto weight = parts.find(units[i].name + ".weight");
    if (weight == parts.end()) return;
    const InceptionWeights::Folded unit = weights.folded(units[i]);
    std::ranges::copy(unit.weight, weight->second.begin());
    std::ranges::copy(unit.bias, parts.at(units[i].name + ".bias").begin());
  });
  if (parts.contains("fc.weight")) {
    std::ranges::copy(weights.classifier_weight(), parts["fc.weight"].begin());
    if (bias == LogitBias::added)
      std::ranges::copy(weights.classifier_bias(), parts["fc.bias"].begin());
  }
  return {all.values().begin(), all.values().end()};
}

}  // namespace diffusion
