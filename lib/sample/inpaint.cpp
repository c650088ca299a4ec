#include "lib/sample/inpaint.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/noise/forward.hpp"
#include "lib/sample/start.hpp"

namespace diffusion {
namespace {

constexpr std::uint32_t usual_resample = 10, usual_jump = 10;

/// The noise of a run in blocks: a sampler that is called again and again numbers its
/// draws from 1 each time, and each time they have to be others.
class RunNoise {
 public:
  explicit RunNoise(const NoiseDraw& noise) : noise_(noise) {}

  /// For one call of a sampler, after which next() comes.
  NoiseDraw block() {
    base_ = most_;
    return [this](const Shape& shape, std::uint32_t draw) {
      most_ = std::max(most_, base_ + draw);
      return noise_(shape, base_ + draw);
    };
  }
  /// One draw that is nobody else's.
  Tensor next(const Shape& shape) { return noise_(shape, ++most_); }

 private:
  const NoiseDraw& noise_;
  std::uint32_t base_ = 0, most_ = 0;
};

/// The images of a run and what is kept of them.
struct Kept {
  Tensor images, mask;

  Kept(const Inpainting& job, const SampleRun& run) {
    std::vector<std::uint64_t> numbers(run.x.shape()[0]);
    std::iota(numbers.begin(), numbers.end(), run.first);
    images = rows_in_turn(job.images, numbers);
    mask = rows_in_turn(job.mask, numbers);
  }

  /// x with `known` where it is kept.
  void put(const Tensor& known, Tensor& x) const {
    for (std::size_t i = 0; i < x.size(); ++i)
      if (mask.data()[i] == 0) x.data()[i] = known.data()[i];
  }
};

Tensor walked(SampleRun run, const Sampler& inner, const Inpainting& job) {
  const Kept kept(job, run);
  RunNoise draws(run.noise);
  const auto last = std::uint32_t(run.grid.size() - 1);
  const auto walk = inpainting_walk(last, job);
  Tensor x = std::move(run.x);
  report(run, 0, x);
  std::uint32_t reported = 0;
  for (std::size_t k = 1; k < walk.size(); ++k) {
    const std::uint32_t i = walk[k - 1], j = walk[k];
    const NoiseLevel &from = run.grid[i], &to = run.grid[j];
    if (j < i) {
      x = chain_step(x, draws.next(x.shape()), from, to);
      continue;
    }
    x = inner({.denoise = run.denoise,
               .x = std::move(x),
               .grid = run.grid.subspan(i, 2),
               .path = run.path,
               .noise = draws.block(),
               .schedule = run.schedule,
               .intervals = last});
    kept.put(j == last ? kept.images : noised(kept.images, draws.next(x.shape()), to), x);
    if (j > reported) report(run, reported = j, x);
  }
  return x;
}

std::string names_of_separate_samplers() {
  std::vector<std::string> names;
  for (const SamplerInfo& row : samplers())
    if (row.steps != Steps::linked) names.emplace_back(row.name);
  return join(names, ", ");
}

}  // namespace

Inpainting inpainting_of(Tensor images, Tensor mask, const std::string& sampler, std::size_t steps,
                         const Repainting& asked) {
  const SamplerInfo& row = sampler_row(sampler);
  if (row.steps == Steps::linked)
    throw Error("`mask`: walks step by step, which " + std::string(row.name) +
                " can't (can: " + names_of_separate_samplers() + ")");
  if (asked.jump && *asked.jump >= steps)
    throw Error("`jump` " + std::to_string(*asked.jump) + ": must be shorter than the walk of " +
                std::to_string(steps) + " steps");
  const auto fifth = std::max<std::uint32_t>(1, std::uint32_t(steps / 5));
  return {.images = std::move(images),
          .mask = std::move(mask),
          .resample = asked.resample.value_or(usual_resample),
          .jump = asked.jump.value_or(std::min(usual_jump, fifth))};
}

std::vector<std::uint32_t> inpainting_walk(std::uint32_t intervals, const Inpainting& job) {
  assert(job.resample > 0 && job.jump > 0);
  std::vector<std::uint32_t> walk{0}, jumps(intervals + 1, 0);
  for (std::uint32_t left = 1; left + job.jump <= intervals; left += job.jump)
    jumps[intervals - left] = job.resample - 1;
  for (std::uint32_t i = 0; i < intervals;) {
    walk.push_back(++i);
    if (jumps[i] == 0) continue;
    --jumps[i];
    walk.push_back(i -= job.jump);
  }
  return walk;
}

Sampler inpainted(Sampler inner, const Inpainting& job) {
  return [inner = std::move(inner), &job](SampleRun run) {
    return walked(std::move(run), inner, job);
  };
}

}  // namespace diffusion
