// What pictures of the way from noise to samples are made of.
#pragma once
#include <string>
#include <vector>

#include "lib/output/kept_pictures.hpp"
#include "lib/sample/generate.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion {

/// Of which run, and how much of it.
struct RecordingRequest {
  std::span<const NoiseLevel> grid;
  Shape shape;          // of one sample
  std::size_t samples;  // the first so many
  std::size_t frames;   // levels of the grid, evenly over it with both ends; at least 2
};

/// Keeps pictures of a generate() run: at levels of its grid the states, and the
/// estimates of the clean images that were made there first. States are shown as on the
/// variance-preserving path, x / sqrt(alpha^2 + sigma^2), so that noise is as strong in
/// pictures of all paths. What a run ends with is its own estimate.
class Recording {
 public:
  explicit Recording(const RecordingRequest& request);

  /// For generate(); refers to this object.
  GenerateWatch watch();

  std::size_t frames() const { return steps_.size(); }
  std::size_t samples() const { return samples_; }
  std::size_t step(std::size_t frame) const { return steps_[frame]; }  // the grid's index
  const NoiseLevel& level(std::size_t frame) const { return grid_[steps_[frame]]; }
  Image state(std::size_t frame, std::size_t sample) const {
    return states_[frame * samples_ + sample];
  }
  Image estimate(std::size_t frame, std::size_t sample) const {
    return estimates_[frame * samples_ + sample];
  }

 private:
  void at_level(std::size_t offset, std::uint32_t index, const Tensor& x);
  void evaluated(std::size_t offset, const Tensor& x0);
  void put(KeptPictures& kept, std::size_t offset, const Tensor& pictures);

  std::span<const NoiseLevel> grid_;
  std::size_t samples_;
  std::vector<std::size_t> steps_;
  KeptPictures states_, estimates_;
  std::size_t frame_ = 0;  // that the run is at
  bool awaits_estimate_ = false;
};

}  // namespace diffusion
