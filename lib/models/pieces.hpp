// A batch that goes through a network in pieces, which threads take from a queue.
#pragma once
#include <cstddef>
#include <functional>
#include <limits>
#include <mutex>
#include <span>
#include <vector>

#include "lib/base/shard.hpp"
#include "lib/models/network.hpp"

namespace diffusion {

/// How a batch goes through: each piece on one thread alone, or as one piece whose layers all
/// threads share. Images have the same bits either way.
struct Division {
  std::vector<Range> pieces;
  bool shared = false;
};

/// Divides the batches of one caller. Where a batch has fewer images than there are threads,
/// threads had better share the layers, but not on a busy machine, where they wait for each
/// other at each: so that is tried, and tried again more and more rarely while it is slower.
class Divider {
 public:
  Division divide(std::size_t images);
  /// Calls body(i, piece) for each piece.
  void run(const Division& division, const std::function<void(std::size_t, const Range&)>& body);

 private:
  bool share();
  void record(bool shared, double seconds);

  std::mutex mutex_;                                        // of all that follows
  double alone_ = std::numeric_limits<double>::infinity();  // seconds of the latest such call
  int until_trial_ = 2, patience_ = 4;                      // calls
  int to_warm_up_ = 1;
};

/// As the divider says, or in one piece where the network takes whole batches.
Division division_for(const Network& network, Divider& divider, std::size_t images);

/// The images of a piece, and those of all pieces together.
nn::Tensor images_of(const nn::Tensor& batch, const Range& piece);
nn::Tensor joined(std::span<const nn::Tensor> pieces);

/// What the network makes of a batch, see Network::forward, by all threads.
nn::Tensor forward_in_pieces(const Network& network, Divider& divider, const nn::Tensor& x,
                             std::span<const float> timesteps, std::span<const int> labels);

}  // namespace diffusion
