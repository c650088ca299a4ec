// Parts of descriptions that networks share.
#pragma once
#include <optional>

#include "lib/nn/graph.hpp"

namespace diffusion::nn {

/// What blocks are told of the time, and of the class where there is one, after its SiLU: two
/// linear maps of sinusoids with a SiLU between them, and the class's vector added.
struct Condition {
  SinusoidShape time;
  layers::Linear first, second;
  std::optional<layers::ClassVector> label = {};

  Value add_to(Graph& graph) const;
  /// The same of sinusoids that several are told.
  Value add_to(Graph& graph, Value sinusoids) const { return parts(graph, sinusoids).all; }

  struct Parts {
    Value all;
    std::optional<Value> label;  // the class's vector by itself
  };
  Parts parts(Graph& graph, Value sinusoids) const;
};

/// Vectors that modulate a block, `width` channels each, side by side.
struct BlockModulation {
  Value all;
  std::int64_t width;

  Value part(Graph& graph, std::int64_t i) const;
  /// The norm of x, shifted by part `first` and scaled by the one after it.
  Value normalised(Graph& graph, Value x, std::int64_t first, const layers::LayerNorm& norm) const;
};

/// The block of a transformer whose norms and residual connections follow vectors of each image:
/// adaLN-Zero (Peebles and Xie, "Scalable Diffusion Models with Transformers", 2023, Sec. 3.2).
struct AdaptiveBlock {
  layers::LayerNorm norm1;
  layers::PixelLinear qkv;
  std::optional<layers::QueryKeyNorm> query_key_norm = {};
  std::optional<layers::Rotary> rotary = {};
  layers::Attention attention;
  layers::PixelLinear out;
  layers::LayerNorm norm2;
  layers::PixelLinear widened;
  Layer activation;  // Gelu; or SwiGlu, which halves the channels
  layers::PixelLinear narrowed;
  /// Of what attention adds, and of what `narrowed` takes; 0: none.
  layers::Dropout dropout = {};  // its name is the block's

  /// Model files hold its weights in this order.
  void declare(Graph& graph) const;
  /// x with self-attention and an MLP added. Of the six vectors three are for each: shift, scale
  /// and gate.
  Value add_to(Graph& graph, Value x, const BlockModulation& modulation) const;

 private:
  /// `part` of the block, with features left out.
  Value thinned(Graph& graph, Value x, const char* part) const;
};

}  // namespace diffusion::nn
