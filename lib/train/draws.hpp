// Every random choice of training, as a pure function of the seed and the place
// where it is needed: no state is kept, so a run that was stopped goes on exactly as
// if it had never stopped.
#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "lib/rng/noise_source.hpp"

namespace diffusion {

/// `example` counts the images that training has seen: step x batch + place in
/// the batch. Noise's addresses (diff-formats(5)): id = example or epoch, step =
/// what the draw is for.
class TrainingDraws {
 public:
  explicit TrainingDraws(std::uint64_t seed) : noise_(seed, "diff-train") {}

  /// The standard normals that an example is noised with.
  void fill_noise(std::uint64_t example, std::span<float> out) const;
  /// Uniform on [0, 1): which noise level an example gets.
  double level(std::uint64_t example) const;
  /// A fair coin: whether an example is mirrored.
  bool flipped(std::uint64_t example) const;
  /// Uniform on [0, 1): an example's label is dropped where it is below the rate.
  double label_drop(std::uint64_t example) const;
  /// Where an example is shifted to: (down, right), each uniform on -most .. most.
  std::pair<int, int> shift(std::uint64_t example, int most) const;
  /// The order of one epoch: a permutation of 0 .. count - 1, each as likely as
  /// any other (Fisher & Yates 1938).
  std::vector<std::uint32_t> order(std::uint64_t epoch, std::uint32_t count) const;

 private:
  NoiseSource noise_;
};

}  // namespace diffusion
