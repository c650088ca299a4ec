// The processor's engine: runs a graph forwards and backwards with the layers of lib/nn, in
// the order and in the buffers of its plan.
#pragma once
#include <span>
#include <variant>
#include <vector>

#include "lib/base/shard.hpp"
#include "lib/nn/class_embedding.hpp"
#include "lib/nn/context.hpp"
#include "lib/nn/conv2d.hpp"
#include "lib/nn/dropout.hpp"
#include "lib/nn/fourier_features.hpp"
#include "lib/nn/group_norm.hpp"
#include "lib/nn/layer_norm.hpp"
#include "lib/nn/linear.hpp"
#include "lib/nn/pixel_linear.hpp"
#include "lib/nn/plan.hpp"
#include "lib/nn/positions.hpp"
#include "lib/nn/query_key_norm.hpp"
#include "lib/nn/rotary.hpp"

namespace diffusion::nn {

/// A layer as it is run: those with weights have them at hand, the others are as described.
using RunLayer =
    std::variant<layers::Images, layers::Sinusoids, ClassEmbedding, Linear, PixelLinear, Conv2d,
                 GroupNorm, layers::Activate, layers::Attention, layers::Sum, layers::Affine,
                 layers::Concatenation, layers::NearestUpsampling, layers::MeanDownsampling,
                 Dropout, layers::Patches, layers::Unpatching, layers::Conversion, layers::Relu,
                 layers::Pooling, layers::SpatialMean, layers::ChannelRange, LayerNorm,
                 layers::Gelu, layers::GatedSum, PositionSum, QueryKeyNorm, RotaryTurns,
                 layers::SwiGlu, FourierFeatures, layers::LabelSinusoids, layers::Blur,
                 ContextTokens, layers::WithoutContext>;

class Processor {
 public:
  /// Adds the graph's weights to `parameters`, which must outlive it.
  Processor(Graph graph, Parameters& parameters);

  struct Inputs {
    const Tensor& images;
    std::span<const float> timesteps;  // one an image
    std::span<const int> labels;       // one an image, or none
  };

  /// What the network says, with activations and products in `working`. Null tape: inference.
  /// Throws Error where the graph does not take such images or labels.
  Tensor forward(const Inputs& inputs, DType working, Tape* tape) const;

  /// Adds the weights' derivatives to the tape's gradients and returns nothing; or, where the
  /// tape has none, leaves the weights alone and returns the derivative of the images. All layers
  /// are trainable.
  Tensor backward(const Tensor& dy, DType working, Tape& tape) const;

  const Graph& graph() const { return graph_; }

 private:
  struct Walk;
  /// Some steps, on the values before them.
  void forward(const Range& steps, Walk& walk, Tape* tape) const;
  /// What a part leaves for its derivatives, from what it began with.
  void repeat(const Range& part, DType working, Tape& tape) const;

  Graph graph_;
  std::vector<Step> steps_;
  std::vector<Range> parts_;      // of the steps
  std::vector<RunLayer> layers_;  // of each step
};

}  // namespace diffusion::nn
