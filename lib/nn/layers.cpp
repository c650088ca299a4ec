#include "lib/nn/layers.hpp"

#include <functional>
#include <numeric>

#include "lib/base/error.hpp"

namespace diffusion::nn {
namespace {

using namespace layers;

std::string size_text(const Dims& d) {
  return std::to_string(d.h) + " x " + std::to_string(d.w) + " x " + std::to_string(d.c);
}

[[noreturn]] void refuse(const Layer& layer, const std::string& what) {
  const std::string name = name_of(layer);
  throw Error("network: " + (name.empty() ? "a layer" : "'" + name + "'") + " (" +
              std::string(kind_of(layer)) + ") " + what);
}

void need_channels(const Layer& layer, const Dims& x, std::int64_t channels) {
  if (x.c != channels)
    refuse(layer, "takes " + std::to_string(channels) + " channels where " + std::to_string(x.c) +
                      " come in");
}

void need_vector(const Layer& layer, const Dims& x) {
  if (x.h != 1 || x.w != 1)
    refuse(layer, "takes one vector an image where " + size_text(x) + " come in");
}

void need_alike(const Layer& layer, bool alike, const Dims& a, const Dims& b) {
  if (!alike) refuse(layer, "can't join " + size_text(a) + " with " + size_text(b));
}

void need_even_sides(const Layer& layer, const Dims& x) {
  if (x.h % 2 != 0 || x.w % 2 != 0) refuse(layer, "can't halve " + size_text(x));
}

Dims with_channels(Dims x, std::int64_t channels) {
  x.c = channels;
  return x;
}

WeightShape bias_of(const std::string& name, std::int64_t out) {
  return {name + ".bias", {std::size_t(out)}};
}

WeightShape matrix_of(const std::string& name, std::int64_t out, std::int64_t in) {
  return {name + ".weight", {std::size_t(out), std::size_t(in)}};
}

/// Multiplications of one output.
double inputs_of(const ConvolutionShape& s) { return double(s.kernel.h * s.kernel.w * s.in); }

/// Of a vector for each image.
void need_channel_vector(const Layer& layer, const Dims& vector, std::int64_t channels) {
  need_vector(layer, vector);
  need_channels(layer, vector, channels);
}

Dims normed(const Layer& layer, const GroupNorm& norm, std::span<const Dims> in) {
  need_channels(layer, in[0], norm.channels);
  if (norm.channels % norm.groups != 0)
    refuse(layer, "has " + std::to_string(norm.channels) + " channels, which " +
                      std::to_string(norm.groups) + " groups do not divide");
  for (const Dims& vector : in.subspan(1)) need_channel_vector(layer, vector, norm.channels);
  return in[0];
}

Dims normed(const Layer& layer, const LayerNorm& norm, std::span<const Dims> in) {
  for (const Dims& vector : in.subspan(1)) need_channel_vector(layer, vector, norm.channels);
  need_channels(layer, in[0], norm.channels);
  return in[0];
}

Dims placed(const Layer& layer, const Positions& places, const Dims& x) {
  const Dims its{x.n, places.height, places.width, places.channels};
  need_alike(layer, x == its, x, its);
  return x;
}

Dims convolved(const Layer& layer, const ConvolutionShape& shape, const Dims& x) {
  need_channels(layer, x, shape.in);
  const Dims y = shape.output(x);
  if (y.h < 1 || y.w < 1) refuse(layer, "leaves nothing of " + size_text(x));
  return y;
}

Dims pooled(const Layer& layer, const Pooling& p, const Dims& x) {
  const ConvolutionShape shape{.in = x.c,
                               .out = x.c,
                               .kernel = p.window,
                               .stride = p.stride,
                               .pad_before = p.pad,
                               .pad_after = p.pad};
  if (p.pad >= p.window) refuse(layer, "has windows outside the image");
  return convolved(layer, shape, x);
}

Dims in_patches(const Layer& layer, const Patches& p, const Dims& x) {
  if (x.h % p.height != 0 || x.w % p.width != 0)
    refuse(layer, "can't cut " + size_text(x) + " into patches of " + std::to_string(p.height) +
                      " x " + std::to_string(p.width));
  return {x.n, x.h / p.height, x.w / p.width, p.height * p.width * x.c};
}

Dims of_patches(const Layer& layer, const Unpatching& p, const Dims& x) {
  if (x.c % (p.height * p.width) != 0)
    refuse(layer, "can't make patches of " + std::to_string(p.height) + " x " +
                      std::to_string(p.width) + " of " + std::to_string(x.c) + " channels");
  return {x.n, x.h * p.height, x.w * p.width, x.c / (p.height * p.width)};
}

}  // namespace

Dims ConvolutionShape::output(const Dims& x) const {
  const auto extent = [&](std::int64_t size, std::int64_t window) {
    return size < window ? 0 : (size - window) / stride + 1;
  };
  return {x.n, extent(x.h + pad_before.h + pad_after.h, kernel.h),
          extent(x.w + pad_before.w + pad_after.w, kernel.w), out};
}

bool is_trainable(const Layer& layer) {
  return std::visit([]<class L>(const L&) { return !Untrainable<L>; }, layer);
}

std::string_view kind_of(const Layer& layer) {
  static constexpr std::string_view names[] = {
      "images",          "sinusoids",     "class vector", "linear",         "pixel linear",
      "convolution",     "group norm",    "activation",   "attention",      "sum",
      "affine",          "concatenation", "up-sampling",  "dropout",        "patches",
      "unpatching",      "conversion",    "relu",         "pooling",        "spatial mean",
      "channel range",   "layer norm",    "gelu",         "gated sum",      "positions",
      "query-key norm",  "rotary",        "swiglu",       "down-sampling",  "Fourier features",
      "label sinusoids", "blur",          "context",      "without context"};
  static_assert(std::size(names) == std::variant_size_v<Layer>);
  return names[layer.index()];
}

std::string name_of(const Layer& layer) {
  return std::visit(
      []<class L>(const L& l) -> std::string {
        if constexpr (requires { l.name; })
          return l.name;
        else if constexpr (requires { l.names; })
          return l.names.front();
        else if constexpr (requires { l.query; })
          return l.query;
        else
          return {};
      },
      layer);
}

std::size_t WeightShape::count() const {
  return std::accumulate(shape.begin(), shape.end(), std::size_t(1), std::multiplies());
}

std::vector<WeightShape> weights_of(const Layer& layer) {
  using Weights = std::vector<WeightShape>;
  return std::visit(
      Overloaded{
          [](const FourierFeatures& l) {
            return Weights{{l.name + ".weight", {std::size_t(l.frequencies)}, Training::fixed}};
          },
          [](const ClassVector& l) { return Weights{matrix_of(l.name, l.classes, l.channels)}; },
          [](const Linear& l) {
            return Weights{matrix_of(l.name, l.out, l.in), bias_of(l.name, l.out)};
          },
          [](const PixelLinear& l) {
            Weights all;
            for (const std::string& name : l.names) {
              all.push_back(matrix_of(name, l.out, l.in));
              all.push_back(bias_of(name, l.out));
            }
            return all;
          },
          [](const Convolution& l) {
            const auto [height, width] = l.shape.kernel;
            WeightShape weight = matrix_of(l.name, l.shape.out, l.shape.in);
            weight.shape.insert(weight.shape.end(), {std::size_t(height), std::size_t(width)});
            return Weights{weight, bias_of(l.name, l.shape.out)};
          },
          [](const GroupNorm& l) {
            return Weights{{l.name + ".weight", {std::size_t(l.channels)}},
                           bias_of(l.name, l.channels)};
          },
          [](const Context& l) {
            return Weights{{l.name, {1, std::size_t(l.count), std::size_t(l.channels)}}};
          },
          [](const QueryKeyNorm& l) {
            const std::vector<std::size_t> size{std::size_t(l.size)};
            return Weights{{l.query + ".weight", size}, {l.key + ".weight", size}};
          },
          [](const LayerNorm& l) {
            Weights all;
            if (!l.name.empty()) all.push_back({l.name + ".weight", {std::size_t(l.channels)}});
            if (!l.name.empty() && l.centred) all.push_back(bias_of(l.name, l.channels));
            return all;
          },
          [](const auto&) { return Weights(); }},
      layer);
}

Dims output_of(const Layer& layer, std::span<const Dims> in) {
  return std::visit(
      Overloaded{[&](const Images&) { return in[0]; },
                 [&](const Sinusoids& l) {
                   return Dims{in[0].n, 1, 1, l.shape.channels};
                 },
                 [&](const LabelSinusoids& l) {
                   return Dims{in[0].n, 1, 1, l.shape.channels};
                 },
                 [&](const FourierFeatures& l) {
                   need_channel_vector(layer, in[0], 1);
                   return Dims{in[0].n, 1, 1, 2 * l.frequencies};
                 },
                 [&](const ClassVector& l) {
                   return Dims{in[0].n, 1, 1, l.channels};
                 },
                 [&](const Linear& l) {
                   need_vector(layer, in[0]);
                   need_channels(layer, in[0], l.in);
                   return with_channels(in[0], l.out);
                 },
                 [&](const PixelLinear& l) {
                   need_channels(layer, in[0], l.in);
                   return with_channels(in[0], l.out * std::int64_t(l.names.size()));
                 },
                 [&](const Convolution& l) { return convolved(layer, l.shape, in[0]); },
                 [&](const GroupNorm& l) { return normed(layer, l, in); },
                 [&](const Attention& l) {
                   if (in[0].c % (3 * l.heads) != 0)
                     refuse(layer, "of " + std::to_string(l.heads) + " heads can't divide " +
                                       std::to_string(in[0].c) + " channels");
                   return with_channels(in[0], in[0].c / 3);
                 },
                 [&](const QueryKeyNorm& l) {
                   need_channels(layer, in[0], 3 * l.heads * l.size);
                   return in[0];
                 },
                 [&](const Context& l) {
                   need_channels(layer, in[0], l.channels);
                   need_channel_vector(layer, in[1], l.channels);
                   return Dims{in[0].n, 1, l.count + in[0].h * in[0].w, l.channels};
                 },
                 [&](const WithoutContext& l) {
                   const std::int64_t pixels = l.height * l.width;
                   const Dims its{in[0].n, 1, l.count + pixels, in[0].c};
                   need_alike(layer, in[0] == its, in[0], its);
                   return Dims{in[0].n, l.height, l.width, in[0].c};
                 },
                 [&](const Rotary& l) {
                   Dims its{in[0].n, l.height, l.width, 3 * l.heads * l.size};
                   if (l.context > 0) its = {its.n, 1, l.context + its.h * its.w, its.c};
                   need_alike(layer, in[0] == its, in[0], its);
                   return in[0];
                 },
                 [&](const SwiGlu&) {
                   if (in[0].c % 2 != 0)
                     refuse(layer, "can't halve " + std::to_string(in[0].c) + " channels");
                   return with_channels(in[0], in[0].c / 2);
                 },
                 [&](const Sum&) {
                   need_alike(layer, in[0] == in[1], in[0], in[1]);
                   return in[0];
                 },
                 [&](const GatedSum&) {
                   need_alike(layer, in[0] == in[1], in[0], in[1]);
                   need_channel_vector(layer, in[2], in[0].c);
                   return in[0];
                 },
                 [&](const Positions& l) { return placed(layer, l, in[0]); },
                 [&](const LayerNorm& l) { return normed(layer, l, in); },
                 [&](const Concatenation&) {
                   need_alike(layer, with_channels(in[0], in[1].c) == in[1], in[0], in[1]);
                   return with_channels(in[0], in[0].c + in[1].c);
                 },
                 [&](const NearestUpsampling&) {
                   return Dims{in[0].n, 2 * in[0].h, 2 * in[0].w, in[0].c};
                 },
                 [&](const MeanDownsampling&) {
                   need_even_sides(layer, in[0]);
                   return Dims{in[0].n, in[0].h / 2, in[0].w / 2, in[0].c};
                 },
                 [&](const Patches& l) { return in_patches(layer, l, in[0]); },
                 [&](const Unpatching& l) { return of_patches(layer, l, in[0]); },
                 [&](const Pooling& l) { return pooled(layer, l, in[0]); },
                 [&](const SpatialMean&) {
                   return Dims{in[0].n, 1, 1, in[0].c};
                 },
                 [&](const ChannelRange& l) {
                   if (l.first + l.count > in[0].c)
                     refuse(layer, "takes channels " + std::to_string(l.first) + " to " +
                                       std::to_string(l.first + l.count - 1) + " of " +
                                       std::to_string(in[0].c));
                   return with_channels(in[0], l.count);
                 },
                 [&](const auto&) { return in[0]; }},
      layer);
}

double products_of(const Layer& layer, std::span<const Dims> in, const Dims& out) {
  const auto each = [&](double inputs) { return inputs * double(out.count()); };
  return std::visit(
      Overloaded{[&](const Linear& l) { return each(double(l.in)); },
                 [&](const PixelLinear& l) { return each(double(l.in)); },
                 [&](const Convolution& l) { return each(inputs_of(l.shape)); },
                 [&](const Attention&) { return 2 * each(double(in[0].h * in[0].w)); },
                 [](const auto&) { return 0.0; }},
      layer);
}

}  // namespace diffusion::nn
