// Sums over the lanes of a batch: the same bits whichever threads add, and when.
#pragma once
#include <cstddef>
#include <deque>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "lib/base/shard.hpp"

namespace diffusion {

/// The examples of a batch cut into lanes, each of which one thread takes through the network
/// alone. Lanes differ by one example at most; there are fewer where there are fewer examples.
std::vector<Range> cut_into_lanes(std::size_t examples, std::size_t lanes);

/// Which of the lanes each rank has: a subtree of the tree below. Throws Error where the ranks are
/// not a power of two, or one would have no lane, saying how many may be.
std::vector<Range> lanes_of_ranks(std::size_t lanes, std::size_t ranks);

/// The sum in the order of the tree: neighbours first, then pairs of neighbours, and so on.
double tree_sum(std::span<const double> lanes);

/// Arrays of `size` numbers, one a lane, added up in the order of that tree. A sum is taken as
/// soon as both of its parts are there, so that a thread needs log2(lanes) + 1 arrays at most.
class LaneSums {
 public:
  LaneSums(std::size_t lanes, std::size_t size);

  /// Zeros for a lane to add to. From any thread; lanes begin in the order of their numbers.
  std::span<float> begin(std::size_t lane);
  /// What the lane has is complete. From any thread.
  void end(std::size_t lane);
  /// The sum of all lanes, when all have ended; the lanes may begin again. The last sums, for
  /// which no other lane would have waited, are taken here by all threads together.
  std::span<float> total();

 private:
  using Buffer = std::vector<float>;
  /// A sum of neighbouring lanes: 2^level of them, or what is left at the end.
  struct Node {
    std::size_t level, index;
  };

  Buffer*& at(Node node) { return complete_[node.level][node.index]; }
  Buffer* take();
  bool waited_for();
  /// Its sum with its neighbour's, if that is complete: null if it has to wait for it.
  Buffer* take_neighbour(Node node, Buffer* sum);
  Buffer* collect(Node node, std::vector<std::pair<Buffer*, Buffer*>>& additions);

  std::size_t size_;
  std::mutex mutex_;  // of all that follows
  std::size_t to_begin_;
  std::deque<Buffer> buffers_;
  std::vector<Buffer*> free_;
  std::vector<Buffer*> own_;                    // of each lane under way
  std::vector<std::vector<Buffer*>> complete_;  // by level and index; null where there is none
};

}  // namespace diffusion
