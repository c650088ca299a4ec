#include "lib/sample/generate.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/noise/combine.hpp"
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

/// Rows [part.first, part.first + part.count) of the axis after `before` others.
Tensor columns(const Tensor& all, std::size_t before, const Range& part) {
  Shape shape = all.shape();
  const std::size_t whole = shape[before];
  shape[before] = part.count;
  Tensor some(shape);
  std::size_t blocks = 1;
  for (std::size_t axis = 0; axis < before; ++axis) blocks *= shape[axis];
  const std::size_t each = all.size() / blocks / whole;
  for (std::size_t block = 0; block < blocks; ++block)
    std::copy_n(all.data() + (block * whole + part.first) * each, part.count * each,
                some.data() + block * part.count * each);
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

struct Batch {
  std::size_t offset;
  Shape shape;                     // of the batch
  std::vector<std::uint64_t> ids;  // of its samples
};

Batch batch_of(const GenerateRequest& request, const Range& part) {
  const auto [offset, size] = part;
  Batch batch{offset, {size}, std::vector<std::uint64_t>(size)};
  batch.shape.insert(batch.shape.end(), request.shape.begin(), request.shape.end());
  std::iota(batch.ids.begin(), batch.ids.end(), request.first + offset);
  return batch;
}

Tensor start_of(const GenerateRequest& request, const GenerateTools& tools, const Batch& batch) {
  if (request.start) return rows(*request.start, batch.offset, batch.shape);
  Tensor x = tools.noise.normal(batch.shape, batch.ids, 0);
  const double scale = start_scale(tools.path, tools.grid.front());
  return scale == 1 ? x : combine(scale, x, 0, x);
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

/// One function that calls all that are there.
template <class... Arguments>
std::function<void(Arguments...)> all_of(std::vector<std::function<void(Arguments...)>> each) {
  std::erase_if(each, [](const auto& function) { return !function; });
  if (each.empty()) return {};
  return [each = std::move(each)](Arguments... arguments) {
    for (const auto& function : each) function(arguments...);
  };
}

}  // namespace

GenerateRequest part_of(const GenerateRequest& whole, const Range& part) {
  assert(part.first + part.count <= whole.count);
  GenerateRequest request = whole;
  request.first += part.first;
  request.count = part.count;
  if (whole.start) request.start = columns(*whole.start, 0, part);
  if (whole.draws) request.draws = columns(*whole.draws, 1, part);
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

double start_scale(Path path, const NoiseLevel& level) {
  return path == Path::variance_preserving ? 1 : level.sigma;
}

void generate(const GenerateRequest& request, const GenerateTools& tools,
              const GenerateWatch& watch,
              const std::function<void(std::size_t offset, const Tensor& samples)>& take) {
  assert(request.batch > 0);
  for (Range part = next_batch(request, 0); part.count > 0;
       part = next_batch(request, part.first + part.count)) {
    const Batch batch = batch_of(request, part);
    const std::size_t offset = part.first;
    const Denoiser denoise =
        watched(tools.denoiser(offset, batch.ids.size()),
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
                  .level_of = tools.level_of};
    if (watch.at_level)
      run.at_level = [&](std::uint32_t index, const Tensor& x) {
        watch.at_level(offset, index, x);
      };
    take(offset, tools.sampler(std::move(run)));
  }
}

}  // namespace diffusion
