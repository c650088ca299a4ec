// Draws many samples in batches; the size of a batch does not change them.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "lib/base/shard.hpp"
#include "lib/rng/noise_source.hpp"
#include "lib/sample/sampler.hpp"
#include "lib/sample/start.hpp"

namespace diffusion {

/// Sample i of a seed is a pure function of (seed, i): `first` and `count` choose
/// which to draw, `batch` only how many are carried at once.
struct GenerateRequest {
  Shape shape;  // of one sample: H x W x C
  std::uint64_t first = 0;
  std::size_t count = 1;
  std::size_t batch = 64;
  std::size_t batches_at_once = 1;   // how many are on their way side by side, a thread each
  StartOf start = {};                // what they begin from; none: noise
  std::optional<Tensor> draws = {};  // draws x count x H x W x C: replayed noise
  // Which of them to draw, by offset; none: all. A batch holds neighbours alone.
  std::function<bool(std::size_t offset)> wanted = {};
};

/// The samples of a part alone: of a larger request, with what is theirs of its draws.
GenerateRequest part_of(const GenerateRequest& whole, const Range& part);

/// In how many batches a request is drawn.
std::size_t batch_count(const GenerateRequest& request);

/// What happens to a batch on its way: called at every level of the grid (the
/// start is index 0), and after every evaluation of the denoiser. Of batches side by side one call
/// follows the other, in no order among them.
struct GenerateWatch {
  std::function<void(std::size_t offset, std::uint32_t index, const Tensor& x)> at_level = {};
  std::function<void(std::size_t offset, const Tensor& x_t, const NoiseLevel&, const Denoised&)>
      evaluated = {};
};

/// Each is called, in their order.
GenerateWatch joined(std::vector<GenerateWatch> watches);

/// Makes the denoiser of the samples [offset, offset + size) of the request.
using DenoiserOf = std::function<Denoiser(std::size_t offset, std::size_t size)>;

struct GenerateTools {
  const DenoiserOf& denoiser;
  const Sampler& sampler;
  std::span<const NoiseLevel> grid;
  Path path;
  const NoiseSource& noise;
  const Schedule* schedule = nullptr;  // for levels between those of the grid
};

/// Draws the samples and hands each finished batch to `take` (offset into the
/// request, states), in their order, in the thread of the caller. Stops between evaluations when
/// interrupted (Interrupted). Where an estimate is NotFinite, the Error says at which step of the
/// grid.
void generate(const GenerateRequest& request, const GenerateTools& tools,
              const GenerateWatch& watch,
              const std::function<void(std::size_t offset, const Tensor& samples)>& take);

}  // namespace diffusion
