#include "lib/train/draws.hpp"

#include <numeric>
#include <utility>

namespace diffusion {
namespace {

// Part of the addresses: these numbers never change.
enum Purpose : std::uint32_t {
  noise = 0,
  level_of = 1,
  flip = 2,
  shuffle = 3,
  drop = 4,
  shift_of = 5
};

}  // namespace

void TrainingDraws::fill_noise(std::uint64_t example, std::span<float> out) const {
  noise_.fill(out, example, Purpose::noise);
}

double TrainingDraws::level(std::uint64_t example) const {
  return noise_.uniform(example, Purpose::level_of);
}

bool TrainingDraws::flipped(std::uint64_t example) const {
  return noise_.uniform(example, Purpose::flip) < 0.5;
}

double TrainingDraws::label_drop(std::uint64_t example) const {
  return noise_.uniform(example, Purpose::drop);
}

std::pair<int, int> TrainingDraws::shift(std::uint64_t example, int most) const {
  const auto draw = [&](std::uint32_t axis) {
    return int(noise_.uniform(example, Purpose::shift_of, axis) * (2 * most + 1)) - most;
  };
  return {draw(0), draw(1)};
}

std::vector<std::uint32_t> TrainingDraws::order(std::uint64_t epoch, std::uint32_t count) const {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  for (std::uint32_t left = count; left > 1; --left) {
    const double u = noise_.uniform(epoch, Purpose::shuffle, left);
    std::swap(order[left - 1], order[std::uint32_t(u * left)]);
  }
  return order;
}

}  // namespace diffusion
