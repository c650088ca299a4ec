// How a U-Net is told the time and the label.
#pragma once
#include "lib/models/unet_config.hpp"
#include "lib/nn/graph.hpp"

namespace diffusion {

/// Two linear maps with a SiLU between them, of what tells the time or the label.
struct UNetEmbedding {
  nn::layers::Linear first, second;

  UNetEmbedding(const std::string& name, const UNetConfig& config);
  nn::Value add_to(nn::Graph& graph, nn::Value features) const;
};

/// What residual blocks are told, N x 1 x 1 x time_embedding_dim: the embedding of the time, and of
/// the label where there are some, after the activation.
nn::Value unet_condition(nn::Graph& graph, const UNetConfig& config, const UNetEmbedding& time);

/// x, float32, divided by the time where Fourier features tell it: such networks predict scores of
/// noise of that size.
nn::Value divided_by_time(nn::Graph& graph, const UNetConfig& config, nn::Value x);

}  // namespace diffusion
