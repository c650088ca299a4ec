// A batch that goes through a network in pieces, which threads take from a queue.
#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "lib/models/network.hpp"

namespace diffusion {

/// Neighbouring images of a batch.
struct Piece {
  std::size_t first, count;
};

/// Of a batch of so many images. A batch of fewer images than there are threads is one piece:
/// its threads share the layers. Images have the same bits in any piece.
std::vector<Piece> pieces_of(std::size_t images);

/// Calls body(i, piece) for each; of several, each on one thread alone.
void for_each_piece(std::span<const Piece> pieces,
                    const std::function<void(std::size_t, const Piece&)>& body);

/// The images of a piece, and those of all pieces together.
nn::Tensor images_of(const nn::Tensor& batch, const Piece& piece);
nn::Tensor joined(std::span<const nn::Tensor> pieces);

/// What the network makes of a batch, see Network::forward, by all threads.
nn::Tensor forward_in_pieces(const Network& network, const nn::Tensor& x,
                             std::span<const float> timesteps, std::span<const int> labels);

}  // namespace diffusion
