// The kinds of layers that networks are described with, as data: what a layer is, which
// weights it has, what it makes of its inputs. An engine gives each a meaning: the processor's
// (nn/processor.hpp), or XLA's.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/kernels/norm.hpp"
#include "lib/nn/convolution_shape.hpp"
#include "lib/nn/parameters.hpp"
#include "lib/nn/sinusoids.hpp"
#include "lib/nn/tensor.hpp"

namespace diffusion::nn {

using kernel::Activation;

namespace layers {

/// What a network is given: N x H x W x channels, float32. Sides are multiples of `multiple`,
/// or exactly height x width where these are not 0.
struct Images {
  std::int64_t channels = 1, multiple = 1, height = 0, width = 0;
};
/// Of each image's time: N x 1 x 1 x channels, float32.
struct Sinusoids {
  SinusoidShape shape;
};
/// Sines and cosines of 2 pi w x for each frequency w, of a vector of one channel x: N x 1 x 1 x
/// 2 frequencies, float32 (Tancik et al., "Fourier Features Let Networks Learn High Frequency
/// Functions in Low Dimensional Domains", 2020). Weight: frequencies, which no training changes.
struct FourierFeatures {
  std::string name;
  std::int64_t frequencies = 1;
};
/// Sinusoids of each image's label, N x 1 x 1 x channels, float32; zeros for the label -1.
struct LabelSinusoids {
  std::int64_t classes = 1;
  SinusoidShape shape;
};
/// A learned vector for the class of each image, N x 1 x 1 x channels, float32; zeros for the
/// label -1, and where a batch has no labels. Where it has an input, N x 1 x 1 x 1, that says which
/// vector instead (TimeForm::row). Weight: classes x channels.
struct ClassVector {
  std::string name;
  std::int64_t classes = 1, channels = 1;
};
/// W x + b of one vector an image, float32. Weight: out x in.
struct Linear {
  std::string name;
  std::int64_t in = 1, out = 1;
};
/// The same of each pixel, for each of the names: their results lie side by side.
struct PixelLinear {
  std::vector<std::string> names;
  std::int64_t in = 1, out = 1;  // of each
};
/// Weight: out x in x kernel x kernel.
struct Convolution {
  std::string name;
  ConvolutionShape shape;
};
/// activation(y), y = weight * normalised(x) + bias over groups of channels (Wu and He, "Group
/// Normalization", 2018). Inputs: x; or x and a shift of it, N x 1 x 1 x channels, float32; or x,
/// shift and scale of y as LayerNorm's.
struct GroupNorm {
  std::string name;
  std::int64_t channels = 1, groups = 1;  // groups divides channels
  float eps = 1e-5f;
  Activation activation = Activation::none;
};
/// Of each pixel over its channels, y = factor normalised(x) + offset: by mean and variance (Ba,
/// Kiros and Hinton, "Layer Normalization", 2016), or by the root of the mean square alone (Zhang
/// and Sennrich, "Root Mean Square Layer Normalization", 2019). Inputs: x, and where it is
/// modulated (Perez et al., "FiLM", 2018) shift and scale, N x 1 x 1 x channels, float32: then
/// the result is (1 + scale) y + shift.
struct LayerNorm {
  std::string name;  // of its weights; empty: it has none, factor 1 and offset 0
  std::int64_t channels = 1;
  float eps = 1e-5f;
  bool centred = true;  // false: root mean square, and no bias
};
/// Of float32.
struct Activate {
  Activation activation = Activation::silu;
};
/// x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) (Hendrycks and Gimpel, "Gaussian Error Linear
/// Units", 2016, Sec. 2).
struct Gelu {};
/// Softmax(Q K^T / sqrt(d)) V among the pixels of an image (Vaswani et al., "Attention Is All
/// You Need", 2017). Input: N x H x W x 3C, queries, keys and values side by side, each with its
/// heads side by side.
struct Attention {
  std::int64_t heads = 1;
};
/// Of queries, keys and values side by side, as attention takes them: each head of the first two
/// over its channels, weight x / sqrt(mean(x^2) + eps) (Henry et al., "Query-Key Normalization for
/// Transformers", 2020, in the form of Dehghani et al., "Scaling Vision Transformers to 22 Billion
/// Parameters", 2023). Weights: C / heads each.
struct QueryKeyNorm {
  std::string query, key;
  std::int64_t heads = 1, size = 1;  // of a head
  float eps = 1e-6f;
};
/// Of queries, keys and values side by side: turns pairs of neighbouring channels of the first two
/// by angles that grow with the pixel's place, see nn/rotary.hpp.
struct Rotary {
  std::int64_t height = 1, width = 1;
  std::int64_t heads = 1, size = 4;  // of a head, a multiple of 4
  std::int64_t context = 0;  // so many vectors before the pixels, of no place, are not turned
};
/// Vectors that attention sees before an image's pixels, N x 1 x (count + H W) x channels: each the
/// image's vector and a learned one of its own, added (Li and He, "Back to Basics: Let Denoising
/// Generative Models Denoise", 2025). Inputs: x; the vector, N x 1 x 1 x channels, float32. Weight:
/// 1 x count x channels.
struct Context {
  std::string name;
  std::int64_t count = 1, channels = 1;
};
/// The pixels again, height x width, without the vectors before them.
struct WithoutContext {
  std::int64_t count = 1, height = 1, width = 1;
};
/// silu(a) b, of a and b side by side (Shazeer, "GLU Variants Improve Transformer", 2020).
struct SwiGlu {};
/// Of two of the same size.
struct Sum {};
/// x + gate y. Inputs: x, y of the same size, gate N x 1 x 1 x channels, float32.
struct GatedSum {};
/// x plus sines and cosines of each pixel's place, see nn/positions.hpp.
struct Positions {
  std::int64_t height = 1, width = 1, channels = 4;  // a multiple of 4
};
/// factor x + offset
struct Affine {
  float factor = 1, offset = 0;
};
/// Of two, along the channels.
struct Concatenation {};
/// Each pixel becomes 2 x 2 alike.
struct NearestUpsampling {};
/// Each pixel becomes a mean of it and its neighbours, zero outside the image, weighted by 1/4, 1/2
/// and 1/4 along each side. With the next two it resamples by (1, 3, 3, 1) / 8 (Zhang, "Making
/// Convolutional Networks Shift-Invariant Again", 2019): after the one above, before the one below.
struct Blur {};
/// Each 2 x 2 pixels become their mean; sides are even.
struct MeanDownsampling {};
/// max(0, x)
struct Relu {
  static constexpr bool trainable = false;
};
/// Of square windows, `stride` apart, from `pad` before the image on: what is outside the image
/// is left out of them.
struct Pooling {
  static constexpr bool trainable = false;
  enum class To { largest, mean } to = To::largest;
  std::int64_t window = 3, stride = 1, pad = 0;
};
/// Of each channel over all pixels of an image: N x 1 x 1 x C, float32.
struct SpatialMean {
  static constexpr bool trainable = false;
};
/// Some channels of each pixel.
struct ChannelRange {
  std::int64_t first = 0, count = 1;
};
/// In training alone, see nn/dropout.hpp.
struct Dropout {
  std::string name;
  double rate = 0;
};
/// N x H x W x C -> N x H/height x W/width x (height width C): rows, columns, channels.
struct Patches {
  std::int64_t height = 1, width = 1;
};
/// The reverse.
struct Unpatching {
  std::int64_t height = 1, width = 1;
};
/// To the type that activations and products are in, or to float32.
struct Conversion {
  enum class To { working, float32 } to = To::working;
};

}  // namespace layers

using Layer =
    std::variant<layers::Images, layers::Sinusoids, layers::ClassVector, layers::Linear,
                 layers::PixelLinear, layers::Convolution, layers::GroupNorm, layers::Activate,
                 layers::Attention, layers::Sum, layers::Affine, layers::Concatenation,
                 layers::NearestUpsampling, layers::Dropout, layers::Patches, layers::Unpatching,
                 layers::Conversion, layers::Relu, layers::Pooling, layers::SpatialMean,
                 layers::ChannelRange, layers::LayerNorm, layers::Gelu, layers::GatedSum,
                 layers::Positions, layers::QueryKeyNorm, layers::Rotary, layers::SwiGlu,
                 layers::MeanDownsampling, layers::FourierFeatures, layers::LabelSinusoids,
                 layers::Blur, layers::Context, layers::WithoutContext>;

/// Layers of networks that are not trained have no way back.
template <class L>
concept Untrainable = requires {
  requires !L::trainable;
};

bool is_trainable(const Layer& layer);

/// Calls the function of those given that takes the alternative.
template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;  // clang 14 needs to be told

/// "convolution"
std::string_view kind_of(const Layer& layer);

/// Its weights' name without what they end in (of the first, where there are several); empty for
/// layers without.
std::string name_of(const Layer& layer);

struct WeightShape {
  std::string name;
  std::vector<std::size_t> shape;
  Training training = Training::trained;

  std::size_t count() const;
};
/// In the order in which model files hold them.
std::vector<WeightShape> weights_of(const Layer& layer);

/// What it makes of inputs of these sizes; layers that have none, of a batch of images.
/// Throws Error that names the layer where they do not fit.
Dims output_of(const Layer& layer, std::span<const Dims> inputs);

/// Multiplications with weights, and in attention, that a batch takes.
double products_of(const Layer& layer, std::span<const Dims> inputs, const Dims& output);

}  // namespace diffusion::nn
