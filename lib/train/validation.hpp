// The loss on images that are not trained on, by bands of t: where a network is good,
// and when it begins to memorise its images.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "lib/base/ranks.hpp"
#include "lib/models/network.hpp"
#include "lib/train/batch.hpp"

namespace diffusion {

struct ValidationLoss {
  double mean;                // of the bands
  std::vector<double> bands;  // equal parts of the schedule, the least noise first
};

/// Always the same images, steps and noise, unflipped, unshifted and with their
/// labels, so that the curve moves with the network alone.
class Validation {
 public:
  /// The first 256 images are used, and held in memory.
  Validation(const TrainingSet& held_out, Objective objective, std::uint64_t seed);
  Validation(const Validation&) = delete;
  Validation& operator=(const Validation&) = delete;

  /// The ranks share the work, and all get the result.
  ValidationLoss of(const Network& network, const Ranks& ranks = {}) const;

 private:
  std::size_t pieces() const;  // of a band
  double loss_of_piece(const Network& network, std::size_t band, std::size_t piece) const;

  TrainingSet images_;
  BatchMaker examples_;
  std::size_t bands_;
};

/// The images in an order that the seed sets.
TrainingSet shuffled(const TrainingSet& images, std::uint64_t seed);

/// Images for training, and those that are held out: about `share` of them, at least
/// one, chosen by the seed. Throws Error where there is but one.
std::pair<TrainingSet, TrainingSet> held_out(const TrainingSet& images, double share,
                                             std::uint64_t seed);

}  // namespace diffusion
