// The report of a run of diff-sample.
#pragma once
#include <algorithm>
#include <chrono>

#include "tools/sample/run.hpp"

namespace diffusion {

/// Counts what a generate() run does, and shows how far it is.
class SampleTally {
 public:
  SampleTally(const cli::Tool& tool, const GenerateRequest& request, std::size_t steps);

  GenerateWatch watch();
  void finished(std::size_t samples) { samples_ += samples; }
  void stop();  // the clock, and the progress

  std::size_t samples() const { return samples_; }
  double seconds() const { return seconds_; }

 private:
  using Clock = std::chrono::steady_clock;

  std::size_t wanted_;
  Progress progress_;
  Clock::time_point began_ = Clock::now();
  std::size_t steps_ = 0, samples_ = 0;
  double seconds_ = 0;
};

/// The run that is reported.
struct SampledRun {
  const SampleRequest& asked;
  const SampleSource& source;
  std::span<const NoiseLevel> grid;
  const GenerateRequest& request;
  const std::vector<Turn>& turns;
  const SampleTally& tally;
  std::size_t evaluations;  // of the model, for all samples

  /// ... for a sample.
  double nfe() const {
    return double(evaluations) / double(std::max<std::size_t>(1, tally.samples()));
  }
};

/// Says with -v what was done and how fast, with --nfe the number of evaluations; prints
/// all of it with --json.
void report_run(const cli::Tool& tool, const SampledRun& run);

}  // namespace diffusion
