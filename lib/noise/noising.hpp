// Makes the noisy versions of an image: the forward process with addressed noise.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/rng/noise_source.hpp"
#include "lib/schedule/schedule.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion {

enum class ForwardProcess {
  closed_form,  // x_t = alpha x0 + sigma eps in one go
  chain,        // step by step from x_{t-1}; the draw at step t is the closed form's
};

/// Whether the last of 2 or 4 channels is opacity, which stays as it is.
enum class AlphaChannel { kept, noised };

/// Whether a version comes with its eps.
enum class EpsOfVersions { dropped, kept };

/// A noise level that images are brought to.
struct LevelAsked {
  std::string name;               // in the names of files: "t500", "snr0.5"
  std::optional<std::int64_t> t;  // 0..T; none: a level of the path that is no step
  NoiseLevel level;

  /// The step part of its noise's address: t, or the bits of lambda as a float32,
  /// so that a level has the same noise however it was asked for.
  std::uint32_t noise_step() const;
};

/// Step t of the schedule. Throws Error where there is no such step.
LevelAsked step_asked(const Schedule& schedule, std::int64_t t);

struct Noising {
  Schedule schedule;
  std::vector<LevelAsked> levels;  // in the order wanted; none: one step an image, at random
  NoiseSource noise;
  ForwardProcess process = ForwardProcess::closed_form;
  AlphaChannel alpha = AlphaChannel::kept;
  EpsOfVersions eps = EpsOfVersions::dropped;

  bool random_step() const { return levels.empty(); }
};

/// The levels of image `id`: those of `noising`, or a step drawn uniformly from
/// 1..T, a function of the seed and `id` alone.
std::vector<LevelAsked> levels_of(const Noising& noising, std::uint64_t id);

/// x_t, and eps where it is kept: the draw; for the chain, which has many, what they
/// amount to, (x_t - alpha x0)/sigma. It is 0 for clean data and kept opacity.
struct NoisyVersion {
  Tensor x;
  std::optional<Tensor> eps;
};

/// Handed the versions one by one, in any order; `index` is that of the level.
using TakeVersion = std::function<void(std::size_t index, NoisyVersion version)>;

/// x_t of one image, H x W x C as `clean`, at each of `levels` (steps, for the chain).
/// `id` is the address of its noise: normal number i of (id, level) belongs to value i
/// of those that are noised. In the closed form float32(alpha) x0 + float32(sigma) eps
/// is x_t to the last bit.
void make_versions(const Noising& noising, const std::vector<LevelAsked>& levels,
                   const Tensor& clean, std::uint64_t id, const TakeVersion& take);

}  // namespace diffusion
