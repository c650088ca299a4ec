#include "lib/train/weight_shares.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "lib/train/blocks.hpp"
#include "lib/train/gradient_norm.hpp"

namespace diffusion {
namespace {

Range bytes_of_numbers(const Range& range) {
  return {range.first * sizeof(float), range.count * sizeof(float)};
}

/// Of one double a block.
Range bytes_of_blocks(const Range& range) {
  return {range.first / block_size * sizeof(double), block_count(range.count) * sizeof(double)};
}

}  // namespace

/// Cut at a block.
WeightShares::Halves WeightShares::halve(const Range& range, std::size_t rank,
                                         std::size_t distance) {
  const std::size_t first = block_count(range.count) / 2 * block_size;
  const Range left{range.first, first}, right{range.first + first, range.count - first};
  return (rank & distance) == 0 ? Halves{left, right} : Halves{right, left};
}

WeightShares::WeightShares(Ranks ranks, std::size_t size) : ranks_(std::move(ranks)) {
  for (std::size_t rank = 0; rank < ranks_.count; ++rank) {
    Range part{0, size};
    for (std::size_t distance = 1; distance < ranks_.count; distance *= 2) {
      const Halves halves = halve(part, rank, distance);
      if (rank == ranks_.rank) halvings_.push_back(halves);
      part = halves.kept;
    }
    parts_.push_back(part);
  }
}

/// Recursive halving. Sums are those of left and right in either order.
std::span<const float> WeightShares::sum(std::span<float> values) {
  std::size_t distance = 1;
  for (const auto& [kept, given] : halvings_) {
    received_.resize(std::max(received_.size(), kept.count));
    ranks_.exchange(ranks_.rank ^ distance, std::as_bytes(values.subspan(given.first, given.count)),
                    std::as_writable_bytes(std::span(received_).first(kept.count)));
    float* const sums = values.data() + kept.first;
    for_each_block(kept.count, [&](std::size_t, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) sums[i] += received_[i];
    });
    distance *= 2;
  }
  return own_of(values);
}

double WeightShares::norm(std::span<const float> own_values) const {
  assert(own_values.size() == own().count);
  std::size_t blocks = 0;
  for (const Range& part : parts_) blocks += block_count(part.count);
  std::vector<double> sums(blocks);
  squares_of_blocks(own_values, std::span(sums).subspan(own().first / block_size));
  double_up(std::as_writable_bytes(std::span(sums)), bytes_of_blocks);
  return norm_of_blocks(sums);
}

void WeightShares::gather(std::span<float> all) const {
  double_up(std::as_writable_bytes(all), bytes_of_numbers);
}

/// The halvings backwards: what two partners have makes the range that they shared.
void WeightShares::double_up(std::span<std::byte> all, Range (*bytes_of)(const Range&)) const {
  for (std::size_t i = halvings_.size(); i-- > 0;) {
    const Range kept = bytes_of(halvings_[i].kept), given = bytes_of(halvings_[i].given);
    ranks_.exchange(ranks_.rank ^ (std::size_t(1) << i), all.subspan(kept.first, kept.count),
                    all.subspan(given.first, given.count));
  }
}

}  // namespace diffusion
