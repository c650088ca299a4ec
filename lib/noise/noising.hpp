// One image to its noisy versions: the forward process with addressed noise.
#pragma once
#include <cstdint>
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

struct Noising {
  Schedule schedule;
  std::vector<std::int64_t> steps;  // 0..T, in the order wanted
  NoiseSource noise;
  ForwardProcess process = ForwardProcess::closed_form;
  AlphaChannel alpha = AlphaChannel::kept;
};

/// x_t at each of the steps, H x W x C as `clean`; `id` is the address of its noise.
/// Normal number i of (id, t) belongs to value i of those that are noised.
std::vector<Tensor> noisy_versions(const Noising& noising, const Tensor& clean, std::uint64_t id);

}  // namespace diffusion
