// One, two and three steps of every sampler on every kind of schedule.
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "lib/models/mixture.hpp"
#include "lib/sample/generate.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "lib/schedule/transform.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

/// Every family, those of the variance-preserving path also with nothing but noise at their
/// end, and tables of a single step.
std::vector<std::pair<std::string, Schedule>> all_schedules() {
  std::vector<std::pair<std::string, Schedule>> all;
  for (const ScheduleInfo& row : schedules()) {
    const std::string name(row.name);
    all.emplace_back(name, make_schedule(name));
    all.emplace_back(name + " of one step", make_schedule(name, 1));
    if (make_schedule(name).path == Path::variance_preserving)
      all.emplace_back(name + " to zero SNR", with_zero_terminal_snr(make_schedule(name)));
  }
  return all;
}

Tensor drawn(const Denoiser& denoise, const Schedule& schedule, const std::string& sampler_spec,
             int steps) {
  const DenoiserOf denoiser = [&](std::size_t, std::size_t) { return denoise; };
  const Sampler sampler = make_sampler(sampler_spec);
  const auto grid = make_grid("trailing", schedule, steps);
  const NoiseSource noise(1, "test");
  Tensor samples;
  generate({.shape = {1, 1, 2}, .count = 6, .batch = 6},
           {denoiser, sampler, grid, schedule.path, noise, &schedule}, {},
           [&](std::size_t, const Tensor& x) { samples = x; });
  return samples;
}

}  // namespace

TEST_CASE("few steps of any sampler on any schedule end at numbers", "[sample]") {
  const auto mixture = std::make_shared<const Mixture>(Mixture{
      .weights = {0.5, 0.5}, .means = {{-1, 0}, {1, 0.5}}, .stds = {0.1, 0}, .shape = {1, 1, 2}});
  const Denoiser exact = denoiser_of(mixture, {});
  for (const auto& [name, schedule] : all_schedules())
    for (const SamplerInfo& row : samplers())
      for (int steps = 1; steps <= std::min(3, schedule.steps()); ++steps) {
        const Tensor got = drawn(exact, schedule, std::string(row.name), steps);
        CAPTURE(name, row.name, steps);
        CHECK(std::all_of(got.begin(), got.end(), [](float x) { return std::isfinite(x); }));
      }
}
