#include "lib/sample/generate.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <deque>
#include <future>
#include <mutex>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/parallel.hpp"
#include "lib/base/text.hpp"
#include "lib/noise/wrappers.hpp"
#include "lib/sample/sample_batch.hpp"
#include "lib/tensor/stack.hpp"

namespace diffusion {
namespace {

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

namespace {

/// Of one request: its batches may be on their way side by side.
class Generation {
 public:
  Generation(const GenerateRequest& request, const GenerateTools& tools, const GenerateWatch& watch)
      : request_(request), tools_(tools), watch_(watch) {}

  /// The samples of a batch. `begun` is called when it has its first estimate.
  Tensor samples(const Range& part, const std::function<void()>& begun) {
    const SampleBatch batch = batch_of(request_, part);
    const std::size_t offset = part.first;
    const Denoiser denoise =
        watched(located(tools_.denoiser(offset, batch.ids.size()), tools_.grid),
                [&](const Tensor& x_t, const NoiseLevel& at, const Denoised& denoised) {
                  begun();
                  evaluated(offset, x_t, at, denoised);
                });
    BatchNoise noise(request_, tools_, batch);
    SampleRun run{.denoise = denoise,
                  .x = start_of(request_, tools_, batch),
                  .grid = tools_.grid,
                  .path = tools_.path,
                  .noise = std::ref(noise),
                  .at_level = {},
                  .schedule = tools_.schedule,
                  .first = request_.first + offset};
    if (watch_.at_level)
      run.at_level = [&](std::uint32_t index, const Tensor& x) {
        const std::lock_guard lock(mutex_);
        watch_.at_level(offset, index, x);
      };
    Tensor samples = tools_.sampler(std::move(run));
    noise.finish();
    return samples;
  }

  /// Batches that are on their way end at their next evaluation.
  void stop() { stopped_ = true; }

 private:
  void evaluated(std::size_t offset, const Tensor& x_t, const NoiseLevel& at,
                 const Denoised& denoised) {
    stop_if_interrupted();
    if (stopped_) throw Error("stopped");  // for what another batch tells
    const std::lock_guard lock(mutex_);
    if (watch_.evaluated) watch_.evaluated(offset, x_t, at, denoised);
  }

  const GenerateRequest& request_;
  const GenerateTools& tools_;
  const GenerateWatch& watch_;
  std::mutex mutex_;  // of the watch
  std::atomic<bool> stopped_ = false;
};

/// A batch that a thread of its own draws.
class BatchUnderWay {
 public:
  /// Returns when it has its first estimate: what a model makes ready for a size of batches, it
  /// makes in the order of the batches.
  BatchUnderWay(Generation& generation, const Range& part) : generation_(generation), part_(part) {
    std::promise<void> begun;
    const auto first_estimate = begun.get_future();
    samples_ = std::async(std::launch::async, [&generation, part, team = threads(),
                                               begun = std::move(begun)]() mutable {
      set_threads(team);
      std::once_flag once;
      const auto tell = [&] { std::call_once(once, [&] { begun.set_value(); }); };
      const AtEnd at_end{tell};
      return generation.samples(part, tell);
    });
    first_estimate.wait();
  }
  BatchUnderWay(BatchUnderWay&&) = default;
  ~BatchUnderWay() {
    if (samples_.valid()) generation_.stop();
  }

  std::size_t offset() const { return part_.first; }
  Tensor samples() { return samples_.get(); }

 private:
  struct AtEnd {
    const std::function<void()> act;
    ~AtEnd() { act(); }
  };

  Generation& generation_;
  Range part_;
  std::future<Tensor> samples_;  // waits for the thread when it is destroyed
};

using TakeSamples = std::function<void(std::size_t offset, const Tensor& samples)>;

void generate_side_by_side(const GenerateRequest& request, Generation& generation,
                           const TakeSamples& take) {
  std::deque<BatchUnderWay> under_way;
  Range part = next_batch(request, 0);
  while (part.count > 0 || !under_way.empty()) {
    while (part.count > 0 && under_way.size() < request.batches_at_once) {
      under_way.emplace_back(generation, part);
      part = next_batch(request, part.first + part.count);
    }
    const Tensor samples = under_way.front().samples();
    take(under_way.front().offset(), samples);
    under_way.pop_front();
  }
}

}  // namespace

void generate(const GenerateRequest& request, const GenerateTools& tools,
              const GenerateWatch& watch, const TakeSamples& take) {
  assert(request.batch > 0 && request.batches_at_once > 0);
  Generation generation(request, tools, watch);
  if (request.batches_at_once > 1) return generate_side_by_side(request, generation, take);
  for (Range part = next_batch(request, 0); part.count > 0;
       part = next_batch(request, part.first + part.count))
    take(part.first, generation.samples(part, [] {}));
}

}  // namespace diffusion
