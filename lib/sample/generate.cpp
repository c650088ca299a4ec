#include "lib/sample/generate.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/text.hpp"
#include "lib/noise/wrappers.hpp"
#include "lib/tensor/stack.hpp"

namespace diffusion {
namespace {

/// A batch's, of this shape, of one of the draws, draws x N x H x W x C.
Tensor replayed(const Tensor& draws, std::size_t draw, std::size_t offset, const Shape& shape) {
  Tensor noise(shape);
  const std::size_t each = noise.size() / shape[0];
  std::ranges::copy(row_of(draws, draw).subspan(offset * each, noise.size()), noise.data());
  return noise;
}

/// What is a part's of draws, draws x N x H x W x C.
Tensor draws_of(const Tensor& all, const Range& part) {
  Shape shape = all.shape();
  const std::size_t whole = shape[1];
  shape[1] = part.count;
  Tensor some(shape);
  const std::size_t draws = shape[0], each = all.size() / draws / whole;
  for (std::size_t draw = 0; draw < draws; ++draw)
    std::copy_n(all.data() + (draw * whole + part.first) * each, part.count * each,
                some.data() + draw * part.count * each);
  return some;
}

bool is_wanted(const GenerateRequest& request, std::size_t offset) {
  return !request.wanted || request.wanted(offset);
}

/// The first batch at or behind `offset`; empty behind the last.
Range next_batch(const GenerateRequest& request, std::size_t offset) {
  while (offset < request.count && !is_wanted(request, offset)) ++offset;
  if (!request.wanted) return {offset, std::min(request.batch, request.count - offset)};
  std::size_t end = offset;
  while (end < request.count && end - offset < request.batch && is_wanted(request, end)) ++end;
  return {offset, end - offset};
}

struct SampleBatch {
  std::size_t offset;
  Shape shape;                     // of the batch
  std::vector<std::uint64_t> ids;  // of its samples
};

SampleBatch batch_of(const GenerateRequest& request, const Range& part) {
  const auto [offset, size] = part;
  SampleBatch batch{offset, batch_shape(size, request.shape), std::vector<std::uint64_t>(size)};
  std::iota(batch.ids.begin(), batch.ids.end(), request.first + offset);
  return batch;
}

Tensor start_of(const GenerateRequest& request, const GenerateTools& tools,
                const SampleBatch& batch) {
  const StartOf start = request.start ? request.start : start_from_noise(request.shape);
  return start(batch.ids, {tools.path, tools.grid.front(), tools.noise});
}

/// Fresh noise of a batch: addressed by draw, or replayed in the order of asking.
class BatchNoise {
 public:
  BatchNoise(const GenerateRequest& request, const GenerateTools& tools, const SampleBatch& batch)
      : request_(request), tools_(tools), batch_(batch) {}

  Tensor operator()(const Shape& shape, std::uint32_t draw) {
    if (!request_.draws) return tools_.noise.normal(shape, batch_.ids, draw);
    if (asked_ == available()) refuse("more");
    return replayed(*request_.draws, asked_++, batch_.offset, shape);
  }

  /// To be called at the end: throws Error where draws are left.
  void finish() const {
    if (request_.draws && asked_ < available())
      refuse(asked_ == 0 ? "none" : std::to_string(asked_));
  }

 private:
  std::size_t available() const { return request_.draws->shape()[0]; }
  [[noreturn]] void refuse(const std::string& asked) const {
    throw Error("the replayed noise has " + count_of(available(), "draw") +
                ", and the sampler asks for " + asked);
  }

  const GenerateRequest& request_;
  const GenerateTools& tools_;
  const SampleBatch& batch_;
  std::size_t asked_ = 0;
};

/// One function that calls all that are there.
template <class... Arguments>
std::function<void(Arguments...)> all_of(std::vector<std::function<void(Arguments...)>> each) {
  std::erase_if(each, [](const auto& function) { return !function; });
  if (each.empty()) return {};
  return [each = std::move(each)](Arguments... arguments) {
    for (const auto& function : each) function(arguments...);
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

GenerateRequest part_of(const GenerateRequest& whole, const Range& part) {
  assert(part.first + part.count <= whole.count);
  GenerateRequest request = whole;
  request.first += part.first;
  request.count = part.count;
  if (whole.draws) request.draws = draws_of(*whole.draws, part);
  if (whole.wanted)
    request.wanted = [wanted = whole.wanted, part](std::size_t offset) {
      return wanted(part.first + offset);
    };
  return request;
}

std::size_t batch_count(const GenerateRequest& request) {
  if (!request.wanted) return (request.count + request.batch - 1) / request.batch;
  std::size_t batches = 0;
  for (Range at = next_batch(request, 0); at.count > 0;
       at = next_batch(request, at.first + at.count))
    ++batches;
  return batches;
}

GenerateWatch joined(std::vector<GenerateWatch> watches) {
  std::vector<decltype(GenerateWatch::at_level)> at_level;
  std::vector<decltype(GenerateWatch::evaluated)> evaluated;
  for (GenerateWatch& watch : watches) {
    at_level.push_back(std::move(watch.at_level));
    evaluated.push_back(std::move(watch.evaluated));
  }
  return {.at_level = all_of(std::move(at_level)), .evaluated = all_of(std::move(evaluated))};
}

void generate(const GenerateRequest& request, const GenerateTools& tools,
              const GenerateWatch& watch,
              const std::function<void(std::size_t offset, const Tensor& samples)>& take) {
  assert(request.batch > 0);
  for (Range part = next_batch(request, 0); part.count > 0;
       part = next_batch(request, part.first + part.count)) {
    const SampleBatch batch = batch_of(request, part);
    const std::size_t offset = part.first;
    const Denoiser denoise =
        watched(located(tools.denoiser(offset, batch.ids.size()), tools.grid),
                [&](const Tensor& x_t, const NoiseLevel& at, const Denoised& denoised) {
                  stop_if_interrupted();
                  if (watch.evaluated) watch.evaluated(offset, x_t, at, denoised);
                });
    BatchNoise noise(request, tools, batch);
    SampleRun run{.denoise = denoise,
                  .x = start_of(request, tools, batch),
                  .grid = tools.grid,
                  .path = tools.path,
                  .noise = std::ref(noise),
                  .at_level = {},
                  .schedule = tools.schedule,
                  .first = request.first + offset};
    if (watch.at_level)
      run.at_level = [&](std::uint32_t index, const Tensor& x) {
        watch.at_level(offset, index, x);
      };
    const Tensor samples = tools.sampler(std::move(run));
    noise.finish();
    take(offset, samples);
  }
}

}  // namespace diffusion
