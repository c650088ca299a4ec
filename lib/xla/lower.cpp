#include "lib/xla/lower.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>
#include <string>

#include "lib/nn/positions.hpp"
#include "lib/nn/rotary.hpp"
#include "lib/xla/dropout.hpp"
#include "lib/xla/formulas.hpp"

namespace diffusion::xla {
namespace {

namespace layers = nn::layers;

Extents extents_of(const nn::Dims& d) { return {d.n, d.h, d.w, d.c}; }

/// Some channels of all pixels.
Value channels(Value x, std::int64_t first, std::int64_t end) {
  const Extents& d = x.dims();
  return slice(x, {{0, 0, 0, first}, {d[0], d[1], d[2], end}});
}

/// A vector along the last of x's dimensions.
Value along_channels(Value vector, Value x) {
  return broadcast(vector, x.dims(), {std::int64_t(x.dims().size()) - 1});
}

/// One layer, on what the layers before it made.
class Lowering {
 public:
  Lowering(const nn::Graph& graph, std::span<const Value> weights,
           const NetworkArguments& arguments)
      : graph_(graph), arguments_(arguments), program_(*arguments.images.program) {
    const Extents& d = arguments.images.dims();
    sizes_ = graph.sizes({d[0], d[1], d[2], d[3]});
    for (std::size_t i = 0; i < weights.size(); ++i) weights_[graph.weights()[i].name] = weights[i];
  }

  void run(const NodeRange& part, std::vector<Value>& values) {
    values_ = &values;
    for (std::size_t i = 0; i < part.first; ++i)
      if (std::holds_alternative<layers::Sinusoids>(graph_.nodes()[i].layer)) ++next_sinusoids_;
    for (node_ = part.first; node_ < part.end; ++node_)
      values[node_] = std::visit(*this, graph_.nodes()[node_].layer);
  }

  Value operator()(const layers::Images&) const { return arguments_.images; }
  Value operator()(const layers::Sinusoids&) {
    return reshape(arguments_.sinusoids[next_sinusoids_++], extents());
  }
  Value operator()(const layers::FourierFeatures& l) const {
    const Extents dims{sizes_[0].n, l.frequencies};
    const Value x = broadcast(reshape(in(0), {dims[0]}), dims, {0});
    const Value fixed = stop_gradient(weight(l.name + ".weight"));
    const Value angles = x * along_channels(fixed, x) * 2 * double(std::numbers::pi_v<float>);
    const Value both[] = {sin(angles), cos(angles)};
    return reshape(concatenate(both, 1), extents());
  }
  Value operator()(const layers::LabelSinusoids& l) const {
    std::vector<float> labels(static_cast<std::size_t>(l.classes));
    std::iota(labels.begin(), labels.end(), 0.0f);
    const nn::Tensor table = nn::sinusoids(labels, l.shape);
    return rows_of_labels(program_.constant({l.classes, l.shape.channels},
                                            {table.floats().begin(), table.floats().end()}));
  }
  Value operator()(const layers::ClassVector& l) const {
    const Value table = weight(l.name + ".weight");
    if (inputs() == 0) return rows_of_labels(table);
    return rows(table, convert(reshape(in(0), {sizes_[0].n}), Type::s32));
  }
  Value operator()(const layers::Linear& l) const {
    return biased(product(in(0), weight(l.name + ".weight"), 1), {weight(l.name + ".bias")});
  }
  Value operator()(const layers::PixelLinear& l) const {
    std::vector<Value> matrices, biases;
    for (const std::string& name : l.names) {
      matrices.push_back(weight(name + ".weight"));
      biases.push_back(weight(name + ".bias"));
    }
    return biased(product(in(0), convert(concatenate(matrices, 0), arguments_.working), 1), biases);
  }
  Value operator()(const layers::Convolution& l) const {
    const nn::ConvolutionShape& shape = l.shape;
    const Value kernel = convert(weight(l.name + ".weight"), arguments_.working);
    const Value y = convolution(in(0), kernel,
                                {.kernel = "oi01",
                                 .strides = {shape.stride, shape.stride},
                                 .low = {shape.pad_before.h, shape.pad_before.w},
                                 .high = {shape.pad_after.h, shape.pad_after.w}});
    return biased(y, {weight(l.name + ".bias")});
  }
  /// Statistics are f32, as what comes of them until it is rounded once.
  Value operator()(const layers::GroupNorm& l) const {
    Value x = convert(in(0), Type::f32);
    if (inputs() == 2) x = x + of_all(in(1));
    const nn::Dims d = sizes_[node_];
    const std::int64_t pixels = d.h * d.w, each = d.c / l.groups;
    const Extents grouped{d.n, pixels, l.groups, each};
    const auto mean = [&](Value of) {
      return broadcast(sum(of, {1, 3}) / double(pixels * each), grouped, {0, 2});
    };
    x = reshape(x, grouped);
    const Value centred = x - mean(x);
    x = reshape(centred * rsqrt(mean(centred * centred) + l.eps), extents());
    x = x * along_channels(weight(l.name + ".weight"), x) +
        along_channels(weight(l.name + ".bias"), x);
    if (inputs() > 2) x = modulated(x);
    return rounded(activated(x, l.activation));
  }
  /// As the group norm: statistics are f32.
  Value operator()(const layers::LayerNorm& l) const {
    Value x = convert(in(0), Type::f32);
    const auto mean = [&](Value of) {
      return broadcast(sum(of, {3}) / double(l.channels), extents(), {0, 1, 2});
    };
    if (l.centred) x = x - mean(x);
    x = x * rsqrt(mean(x * x) + l.eps);
    if (!l.name.empty()) x = x * along_channels(weight(l.name + ".weight"), x);
    if (!l.name.empty() && l.centred) x = x + along_channels(weight(l.name + ".bias"), x);
    if (inputs() > 1) x = modulated(x);
    return rounded(x);
  }
  Value operator()(const layers::Gelu&) const {
    const Value x = convert(in(0), Type::f32);
    return convert(gelu_by_tanh(x), in(0).type());
  }
  Value operator()(const layers::GatedSum&) const {
    const Value x = convert(in(0), Type::f32), y = convert(in(1), Type::f32);
    return convert(x + of_all(in(2)) * y, in(0).type());
  }
  Value operator()(const layers::Positions& l) const {
    const Value table =
        program_.constant({1, l.height, l.width, l.channels}, nn::position_table(l));
    return in(0) + of_all(convert(table, in(0).type()));
  }
  Value operator()(const layers::QueryKeyNorm& l) const {
    const auto normalised = [&](Value heads, const std::string& name) {
      const Value x = convert(heads, Type::f32);
      const Value mean = sum(x * x, {4}) / double(l.size) + l.eps;
      const Value y = x * broadcast(rsqrt(mean), x.dims(), {0, 1, 2, 3});
      return rounded(y * along_channels(weight(name + ".weight"), y));
    };
    const Value parts[] = {normalised(heads(0, l.heads), l.query),
                           normalised(heads(1, l.heads), l.key), heads(2, l.heads)};
    return reshape(concatenate(parts, 3), extents());
  }
  Value operator()(const layers::Context& l) const {
    const Extents& d = in(0).dims();
    const Extents tokens{d[0], 1, l.count, l.channels};
    const Value vectors = broadcast(in(1), tokens, {0, 1, 2, 3}),
                places = broadcast(weight(l.name), tokens, {1, 2, 3});
    const Value both[] = {rounded(vectors + places), reshape(in(0), {d[0], 1, d[1] * d[2], d[3]})};
    return concatenate(both, 2);
  }
  Value operator()(const layers::WithoutContext& l) const {
    const Extents& d = in(0).dims();
    return reshape(slice(in(0), {{0, 0, l.count, 0}, {d[0], d[1], d[2], d[3]}}), extents());
  }
  Value operator()(const layers::Rotary& l) const {
    const nn::RotaryTable table = nn::rotary_table(l);
    const Extents places = l.context > 0 ? Extents{1, l.context + l.height * l.width, l.size}
                                         : Extents{l.height, l.width, l.size};
    const auto turned = [&](Value heads) {
      const Value x = convert(heads, Type::f32);
      const auto of_all_heads = [&](std::vector<float> values, float of_context) {
        values.insert(values.begin(), std::size_t(l.context * l.size), of_context);
        return broadcast(program_.constant(places, values), x.dims(), {1, 2, 4});
      };
      return rounded(x * of_all_heads(table.cosines, 1) +
                     with_neighbours_swapped(x) * of_all_heads(table.sines, 0));
    };
    const Value parts[] = {turned(heads(0, l.heads)), turned(heads(1, l.heads)), heads(2, l.heads)};
    return reshape(concatenate(parts, 3), extents());
  }
  Value operator()(const layers::SwiGlu&) const {
    const Value x = convert(in(0), Type::f32);
    const std::int64_t half = sizes_[node_].c;
    return convert(silu(channels(x, 0, half)) * channels(x, half, 2 * half), in(0).type());
  }
  Value operator()(const layers::Activate& l) const { return activated(in(0), l.activation); }
  Value operator()(const layers::Attention& l) const {
    const nn::Dims d = sizes_[node_];
    const std::int64_t tokens = d.h * d.w, each = d.c / l.heads;
    const auto part = [&](std::int64_t i) {
      return reshape(channels(in(0), i * d.c, (i + 1) * d.c), {d.n, tokens, l.heads, each});
    };
    const Value scores = dot_general(part(0), part(1), {{0, 2}, {0, 2}, {3}, {3}}, Type::f32) *
                         (1 / std::sqrt(double(each)));  // N x heads x tokens x tokens
    const auto over_keys = [&](Value each_query) {
      return broadcast(each_query, scores.dims(), {0, 1, 2});
    };
    const Value powers = exp(scores - over_keys(stop_gradient(max(scores, {3}))));
    const Value shares = rounded(powers / over_keys(sum(powers, {3})));
    const Value y = dot_general(shares, part(2), {{0, 1}, {0, 2}, {3}, {1}});
    return reshape(transpose(y, {0, 2, 1, 3}), extents());
  }
  Value operator()(const layers::Sum&) const { return in(0) + in(1); }
  Value operator()(const layers::Affine& l) const { return in(0) * l.factor + l.offset; }
  Value operator()(const layers::Concatenation&) const {
    const Value both[] = {in(0), in(1)};
    return concatenate(both, 3);
  }
  Value operator()(const layers::NearestUpsampling&) const {
    const Extents& d = in(0).dims();
    const Value apart = reshape(in(0), {d[0], d[1], 1, d[2], 1, d[3]});
    return reshape(broadcast(apart, {d[0], d[1], 2, d[2], 2, d[3]}, {0, 1, 2, 3, 4, 5}), extents());
  }
  Value operator()(const layers::Blur&) const {
    const Value x = convert(in(0), Type::f32);
    return rounded(with_neighbours(with_neighbours(x, 1), 2) / 16.0);
  }
  Value operator()(const layers::MeanDownsampling&) const {
    const Extents& d = in(0).dims();
    const Value apart = reshape(convert(in(0), Type::f32), {d[0], d[1] / 2, 2, d[2] / 2, 2, d[3]});
    return rounded(reshape(sum(apart, {2, 4}) / 4.0, extents()));
  }
  Value operator()(const layers::Dropout& l) const {
    return arguments_.draws ? dropped_out(in(0), l, *arguments_.draws) : in(0);
  }
  Value operator()(const layers::Patches& l) const {
    const Extents& d = in(0).dims();
    const Value parts =
        reshape(in(0), {d[0], d[1] / l.height, l.height, d[2] / l.width, l.width, d[3]});
    return reshape(transpose(parts, {0, 1, 3, 2, 4, 5}), extents());
  }
  Value operator()(const layers::Unpatching& l) const {
    const Extents& d = in(0).dims();
    const Value parts =
        reshape(in(0), {d[0], d[1], d[2], l.height, l.width, d[3] / (l.height * l.width)});
    return reshape(transpose(parts, {0, 1, 3, 2, 4, 5}), extents());
  }
  Value operator()(const layers::Conversion& l) const {
    return l.to == layers::Conversion::To::working ? rounded(in(0)) : convert(in(0), Type::f32);
  }
  Value operator()(const layers::Relu&) const { return maximum(in(0), 0); }
  Value operator()(const layers::Pooling& l) const {
    const bool largest = l.to == layers::Pooling::To::largest;
    const Window window{.op = largest ? Op::maximum : Op::add,
                        .sizes = {1, l.window, l.window, 1},
                        .strides = {1, l.stride, l.stride, 1},
                        .low = {0, l.pad, l.pad, 0},
                        .high = {0, l.pad, l.pad, 0}};
    if (largest) return reduce_window(in(0), window);
    const Value total = reduce_window(convert(in(0), Type::f32), window);
    return convert(total / broadcast(pixels_inside(l), extents(), {0, 1, 2, 3}), in(0).type());
  }
  Value operator()(const layers::SpatialMean&) const {
    const Extents& d = in(0).dims();
    return reshape(sum(convert(in(0), Type::f32), {1, 2}) / double(d[1] * d[2]), extents());
  }
  Value operator()(const layers::ChannelRange& l) const {
    return channels(in(0), l.first, l.first + l.count);
  }

 private:
  /// Of a matrix. A product with rows of one 1, never a scatter, whose sums have no order.
  Value rows(Value table, Value numbers) const {
    const Extents dims{sizes_[0].n, table.dims()[0]};
    const Value chosen =
        compare(program_.iota({Type::s32, dims}, 1), Comparison::eq, broadcast(numbers, dims, {0}));
    return reshape(product(convert(chosen, Type::f32), table, 0), extents());
  }
  Value rows_of_labels(Value table) const {
    if (!arguments_.labels) return broadcast(program_.constant(Type::f32, 0), extents(), {});
    return rows(table, *arguments_.labels);
  }

  /// Twice x, and what is before and after it along a dimension.
  static Value with_neighbours(Value x, std::size_t dim) {
    Extents before(4, 0), after(4, 0);
    before[dim] = 1;
    after[dim] = -1;
    return x * 2 + pad(x, {before, after}) + pad(x, {after, before});
  }

  /// How many pixels of each window are in the image: 1 x H x W x 1.
  Value pixels_inside(const layers::Pooling& l) const {
    const auto along = [&](std::int64_t place, std::int64_t extent) {
      const std::int64_t begin = place * l.stride - l.pad;
      return std::min(extent, begin + l.window) - std::max<std::int64_t>(0, begin);
    };
    const Extents in_dims = in(0).dims(), out = extents();
    std::vector<float> counts;
    for (std::int64_t i = 0; i < out[1]; ++i)
      for (std::int64_t j = 0; j < out[2]; ++j)
        counts.push_back(float(along(i, in_dims[1]) * along(j, in_dims[2])));
    return program_.constant({1, out[1], out[2], 1}, counts);
  }

  const nn::Node& node() const { return graph_.nodes()[node_]; }
  std::size_t inputs() const { return node().inputs.size(); }
  Value in(std::size_t i) const { return (*values_)[node().inputs[i].node]; }
  Value weight(const std::string& name) const { return weights_.at(name); }
  Extents extents() const { return extents_of(sizes_[node_]); }
  Value rounded(Value x) const { return convert(x, arguments_.working); }

  /// Of x's last dimension with one of a matrix.
  static Value product(Value x, Value matrix, std::int64_t dim) {
    const std::int64_t last = std::int64_t(x.dims().size()) - 1;
    return dot_general(x, matrix, {{}, {}, {last}, {dim}});
  }

  /// Queries, keys or values of attention: N x H x W x heads x size.
  Value heads(std::int64_t which, std::int64_t count) const {
    const Extents& d = in(0).dims();
    const std::int64_t each = d[3] / 3;
    return reshape(channels(in(0), which * each, (which + 1) * each),
                   {d[0], d[1], d[2], count, each / count});
  }

  /// Pairs along the last dimension the other way round.
  static Value with_neighbours_swapped(Value x) {
    Extents pairs = x.dims();
    pairs.back() /= 2;
    pairs.push_back(2);
    return reshape(reverse(reshape(x, pairs), {std::int64_t(pairs.size()) - 1}), x.dims());
  }

  /// What is one along some of this layer's dimensions, N x 1 x 1 x C or 1 x H x W x C, along all.
  Value of_all(Value x) const { return broadcast(x, extents(), {0, 1, 2, 3}); }

  /// By the shift and the scale among this layer's inputs.
  Value modulated(Value x) const { return x * (of_all(in(2)) + 1) + of_all(in(1)); }

  /// Vectors of f32 side by side are added; the result has x's type.
  static Value biased(Value x, const std::vector<Value>& biases) {
    const Value y = convert(x, Type::f32);
    return convert(y + along_channels(concatenate(biases, 0), y), x.type());
  }

  const nn::Graph& graph_;
  const NetworkArguments& arguments_;
  Program& program_;
  std::vector<nn::Dims> sizes_;
  std::map<std::string, Value> weights_;
  std::vector<Value>* values_ = nullptr;
  std::size_t node_ = 0, next_sinusoids_ = 0;
};

}  // namespace

std::vector<Value> separate_weights(const nn::Graph& graph, Value flat) {
  std::vector<Value> all;
  std::int64_t begin = 0;
  for (const nn::WeightShape& weight : graph.weights()) {
    const std::int64_t end = begin + std::int64_t(weight.count());
    all.push_back(
        reshape(slice(flat, {{begin}, {end}}), {weight.shape.begin(), weight.shape.end()}));
    begin = end;
  }
  return all;
}

Value flat_array(std::span<const Value> parts) {
  std::vector<Value> flat;
  for (const Value& part : parts)
    flat.push_back(reshape(part, {std::int64_t(part.shape().count())}));
  return concatenate(flat, 0);
}

Value lower(const nn::Graph& graph, std::span<const Value> weights,
            const NetworkArguments& arguments) {
  std::vector<Value> values(graph.nodes().size());
  lower_part(graph, weights, arguments, {0, values.size()}, values);
  return values.back();
}

void lower_part(const nn::Graph& graph, std::span<const Value> weights,
                const NetworkArguments& arguments, const NodeRange& part,
                std::vector<Value>& values) {
  Lowering(graph, weights, arguments).run(part, values);
}

std::vector<nn::SinusoidShape> sinusoids_of(const nn::Graph& graph) {
  std::vector<nn::SinusoidShape> all;
  for (const nn::Node& node : graph.nodes())
    if (const auto* const layer = std::get_if<layers::Sinusoids>(&node.layer))
      all.push_back(layer->shape);
  return all;
}

}  // namespace diffusion::xla
