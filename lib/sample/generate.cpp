#include "lib/sample/generate.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/noise/wrappers.hpp"

namespace diffusion {
namespace {

/// Rows [offset, offset + shape[0]) of a tensor whose rows have shape[1..].
Tensor rows(const Tensor& all, std::size_t offset, const Shape& shape) {
  Tensor part(shape);
  const std::size_t each = part.size() / shape[0];
  std::copy_n(all.data() + offset * each, part.size(), part.data());
  return part;
}

struct Batch {
  std::size_t offset;
  Shape shape;                     // of the batch
  std::vector<std::uint64_t> ids;  // of its samples
};

Batch batch_at(const GenerateRequest& request, std::size_t offset) {
  const std::size_t size = std::min(request.batch, request.count - offset);
  Batch batch{offset, {size}, std::vector<std::uint64_t>(size)};
  batch.shape.insert(batch.shape.end(), request.shape.begin(), request.shape.end());
  std::iota(batch.ids.begin(), batch.ids.end(), request.first + offset);
  return batch;
}

Tensor start_of(const GenerateRequest& request, const GenerateTools& tools, const Batch& batch) {
  const StartOf start = request.start ? request.start : start_from_noise(request.shape);
  return start(batch.ids, {tools.path, tools.grid.front(), tools.noise});
}

/// Fresh noise of a batch: addressed by draw, or replayed in the order of asking.
NoiseDraw noise_of(const GenerateRequest& request, const GenerateTools& tools, const Batch& batch) {
  if (!request.draws)
    return [&tools, &batch](const Shape& shape, std::uint32_t draw) {
      return tools.noise.normal(shape, batch.ids, draw);
    };
  return [&request, &batch, asked = std::size_t(0)](const Shape& shape, std::uint32_t) mutable {
    const std::size_t available = request.draws->shape()[0];
    if (asked == available)
      throw Error("the replayed noise has " + std::to_string(available) +
                  " draws, and the sampler asks for more");
    return rows(*request.draws, asked++ * request.count + batch.offset, shape);
  };
}

/// "step 3 of 20, ": the interval of the grid that a level lies in.
std::string step_at(std::span<const NoiseLevel> grid, const NoiseLevel& at) {
  const auto beyond = std::ranges::upper_bound(grid, at.lambda, {}, &NoiseLevel::lambda);
  const auto intervals = std::ptrdiff_t(grid.size()) - 1;
  const auto step = std::clamp(beyond - grid.begin(), std::ptrdiff_t(1), intervals);
  return "step " + std::to_string(step) + " of " + std::to_string(intervals) + ", ";
}

/// An estimate that is not finite is no use to any sampler: the Error says at which step.
Denoiser located(Denoiser inner, std::span<const NoiseLevel> grid) {
  return [inner = std::move(inner), grid](const Tensor& x_t, const NoiseLevel& at) {
    try {
      return inner(x_t, at);
    } catch (const NotFinite& found) {
      throw NotFinite(found.model, found.at, step_at(grid, found.at));
    }
  };
}

}  // namespace

void generate(const GenerateRequest& request, const GenerateTools& tools,
              const GenerateWatch& watch,
              const std::function<void(std::size_t offset, const Tensor& samples)>& take) {
  assert(request.batch > 0);
  for (std::size_t offset = 0; offset < request.count; offset += request.batch) {
    const Batch batch = batch_at(request, offset);
    const Denoiser denoise =
        watched(located(tools.denoiser(offset, batch.ids.size()), tools.grid),
                [&](const Tensor& x_t, const NoiseLevel& at, const Denoised& denoised) {
                  stop_if_interrupted();
                  if (watch.evaluated) watch.evaluated(offset, x_t, at, denoised);
                });
    SampleRun run{.denoise = denoise,
                  .x = start_of(request, tools, batch),
                  .grid = tools.grid,
                  .path = tools.path,
                  .noise = noise_of(request, tools, batch),
                  .at_level = {},
                  .level_of = tools.level_of,
                  .first = request.first + offset};
    if (watch.at_level)
      run.at_level = [&](std::uint32_t index, const Tensor& x) {
        watch.at_level(offset, index, x);
      };
    take(offset, tools.sampler(std::move(run)));
  }
}

}  // namespace diffusion
