#include "lib/train/lane_sums.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/train/blocks.hpp"

namespace diffusion {
namespace {

void add(std::size_t count, const float* __restrict from, float* __restrict to) {
  for (std::size_t i = 0; i < count; ++i) to[i] += from[i];
}

}  // namespace

std::vector<Range> cut_into_lanes(std::size_t examples, std::size_t lanes) {
  std::vector<Range> cut(std::min(lanes, examples));
  for (std::size_t i = 0; i < cut.size(); ++i) cut[i] = Shard{i + 1, cut.size()}.part_of(examples);
  return cut;
}

namespace {

/// Lanes of each rank but the last, which may have fewer.
std::size_t lanes_a_rank(std::size_t lanes, std::size_t ranks) {
  return std::bit_ceil(lanes) / ranks;
}

bool each_has_a_lane(std::size_t lanes, std::size_t ranks) {
  return lanes_a_rank(lanes, ranks) * (ranks - 1) < lanes && ranks <= lanes;
}

std::string refusal(std::size_t lanes, std::size_t ranks) {
  std::vector<std::string> right;
  for (std::size_t count = 2; count <= lanes; count *= 2)
    if (each_has_a_lane(lanes, count)) right.push_back(std::to_string(count));
  return std::to_string(ranks) + " ranks cannot share the " + count_of(lanes, "lane") +
         " that a batch is cut into: " +
         (right.empty() ? "start one" : "their number may be " + join(right, ", ")) +
         (lanes < ranks ? "; more need a higher train.lanes, up to `batch`"
                        : "; any power of two up to train.lanes may, where that is one too");
}

}  // namespace

std::vector<Range> lanes_of_ranks(std::size_t lanes, std::size_t ranks) {
  if (!std::has_single_bit(ranks) || !each_has_a_lane(lanes, ranks))
    throw Error(refusal(lanes, ranks));
  const std::size_t each = lanes_a_rank(lanes, ranks);
  std::vector<Range> parts;
  for (std::size_t first = 0; first < lanes; first += each)
    parts.push_back({first, std::min(each, lanes - first)});
  return parts;
}

double tree_sum(std::span<const double> lanes) {
  if (lanes.size() == 1) return lanes.front();
  const std::size_t half = std::bit_ceil(lanes.size()) / 2;
  return tree_sum(lanes.first(half)) + tree_sum(lanes.subspan(half));
}

LaneSums::LaneSums(std::size_t lanes, std::size_t size)
    : size_(size), to_begin_(lanes), own_(lanes) {
  assert(lanes > 0);
  for (std::size_t nodes = lanes;; nodes = (nodes + 1) / 2) {
    complete_.emplace_back(nodes);
    if (nodes == 1) break;
  }
}

LaneSums::Buffer* LaneSums::take() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) return &buffers_.emplace_back(size_);
  Buffer* const buffer = free_.back();
  free_.pop_back();
  return buffer;
}

std::span<float> LaneSums::begin(std::size_t lane) {
  Buffer* const buffer = take();
  std::ranges::fill(*buffer, 0.0f);
  const std::lock_guard lock(mutex_);
  own_[lane] = buffer;
  --to_begin_;
  return *buffer;
}

LaneSums::Buffer* LaneSums::take_neighbour(Node node, Buffer* sum) {
  const std::lock_guard lock(mutex_);
  const Node neighbour{node.level, node.index ^ 1};
  const bool none = neighbour.index >= complete_[node.level].size();
  if (to_begin_ == 0 || none || at(neighbour) == nullptr) {
    at(node) = sum;
    return nullptr;
  }
  return std::exchange(at(neighbour), nullptr);
}

void LaneSums::end(std::size_t lane) {
  Buffer* sum = own_[lane];
  for (Node node{0, lane};; node = {node.level + 1, node.index / 2}) {
    Buffer* const neighbour = take_neighbour(node, sum);
    if (neighbour == nullptr) return;
    add(size_, neighbour->data(), sum->data());
    const std::lock_guard lock(mutex_);
    free_.push_back(neighbour);
  }
}

/// The array in which the sum of the node will be, once `additions` are made in their order.
LaneSums::Buffer* LaneSums::collect(Node node,
                                    std::vector<std::pair<Buffer*, Buffer*>>& additions) {
  if (Buffer* const sum = std::exchange(at(node), nullptr)) return sum;
  const Node left{node.level - 1, 2 * node.index}, right{node.level - 1, 2 * node.index + 1};
  Buffer* const sum = collect(left, additions);
  if (right.index < complete_[right.level].size())
    additions.emplace_back(sum, collect(right, additions));
  return sum;
}

std::span<float> LaneSums::total() {
  assert(to_begin_ == 0);
  std::vector<std::pair<Buffer*, Buffer*>> additions;
  Buffer* const sum = collect({complete_.size() - 1, 0}, additions);
  for_each_block(size_, [&](std::size_t, std::size_t begin, std::size_t end) {
    for (const auto& [to, from] : additions)
      add(end - begin, from->data() + begin, to->data() + begin);
  });
  free_.clear();
  for (Buffer& buffer : buffers_) free_.push_back(&buffer);
  to_begin_ = own_.size();
  return *sum;
}

}  // namespace diffusion
