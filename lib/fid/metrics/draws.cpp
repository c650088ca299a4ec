#include "lib/fid/metrics/draws.hpp"

#include <cassert>
#include <numeric>
#include <utility>

#include "lib/rng/noise_source.hpp"

namespace diffusion {
namespace {

class Choices {
 public:
  explicit Choices(const Draw& draw) : draw_(draw), source_(draw.seed, "diff-fid") {}

  /// Choice number i, one of 0..most - 1.
  std::size_t operator()(std::size_t i, std::size_t most) const {
    const double u = source_.uniform(draw_.number, std::uint32_t(draw_.purpose), std::uint32_t(i));
    return std::size_t(u * double(most));
  }

 private:
  Draw draw_;
  NoiseSource source_;
};

}  // namespace

std::vector<std::size_t> draw_subset(const Draw& draw, std::size_t count, std::size_t chosen) {
  assert(chosen <= count);
  const Choices choice(draw);
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t(0));
  for (std::size_t i = 0; i < chosen; ++i) std::swap(order[i], order[i + choice(i, count - i)]);
  order.resize(chosen);
  return order;
}

std::vector<std::size_t> draw_resample(const Draw& draw, std::size_t count) {
  const Choices choice(draw);
  std::vector<std::size_t> indices(count);
  for (std::size_t i = 0; i < count; ++i) indices[i] = choice(i, count);
  return indices;
}

}  // namespace diffusion
