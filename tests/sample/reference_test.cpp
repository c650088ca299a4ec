// Samplers against those of k-diffusion, diffusers and SciPy; tests/data/samplers says how.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "lib/base/json.hpp"
#include "lib/models/mixture.hpp"
#include "lib/noise/clip.hpp"
#include "lib/sample/sampler.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "lib/schedule/schedule.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;

namespace {

const Json& references() {
  static const Json json = read_json(TEST_DATA_DIR "/samplers/references.json");
  return json;
}

const Json& variants() {
  static const Json json = read_json(TEST_DATA_DIR "/samplers/variants.json");
  return json;
}

/// y, N x 2, times what makes a state of it.
Tensor states(const Json& y, double scale) {
  Tensor x(Shape{y.size(), 1, 1, 2});
  for (std::size_t i = 0; i < x.size(); ++i)
    x.data()[i] = float(scale * y.at(i / 2).at(i % 2).get<double>());
  return x;
}

/// Of ve_sigmas, or of steps of the case's schedule.
std::vector<NoiseLevel> levels_of(const Json& each, Path path, const Schedule* schedule) {
  std::vector<NoiseLevel> levels;
  for (const Json& place : each["grid"])
    levels.push_back(schedule ? schedule->at(place)
                              : on_path(path, -std::log(number_from_json(place, "grid"))));
  return levels;
}

std::optional<Schedule> schedule_of(const Json& each) {
  if (!each.contains("schedule")) return std::nullopt;
  return make_schedule(each["schedule"].get<std::string>());
}

Denoiser as_limited(const Json& each, Denoiser exact) {
  return make_clip(each.value("clip", "none"))(std::move(exact));
}

/// x = alpha y, but sigma y of pure noise.
double scale_of(const NoiseLevel& at) { return at.pure_noise() ? at.sigma : at.alpha; }

Denoiser mixture() {
  const Mixture data{.weights = references()["weights"].get<std::vector<double>>(),
                     .means = references()["means"].get<std::vector<std::vector<double>>>(),
                     .stds = references()["stds"].get<std::vector<double>>(),
                     .shape = {1, 1, 2}};
  return [data](const Tensor& x, const NoiseLevel& at) { return data.denoise(x, at, {}); };
}

/// The largest difference of a case's end on a path, as a share of the largest |x|.
double error_of(const Json& each, Path path) {
  const auto schedule = schedule_of(each);
  const Schedule* const table = schedule ? &*schedule : nullptr;
  const auto levels = levels_of(each, path, table);
  const Denoiser exact = as_limited(each, mixture());
  double largest = 0;
  const auto note = [&](const Tensor& x) {
    for (const float value : x) largest = std::max(largest, double(std::abs(value)));
  };
  const NoiseDraw noise = [asked = std::size_t(0)](const Shape&, std::uint32_t) mutable {
    return states(references()["draws"].at(asked++), 1);
  };
  const Tensor end = make_sampler(each["spec"].get<std::string>())(
      {.denoise = exact,
       .x = states(each["start"], scale_of(levels.front())),
       .grid = levels,
       .path = path,
       .noise = noise,
       .at_level = [&](std::uint32_t, const Tensor& x) { note(x); },
       .schedule = table});
  return testing::largest_difference(end, states(each["end"], scale_of(levels.back()))) / largest;
}

/// A case as many cases of one start each, where samples go at their own pace.
std::vector<Json> parts_of(const Json& each) {
  if (sampler_row(each["spec"].get<std::string>()).pace == Pace::grid) return {each};
  std::vector<Json> parts(each["start"].size(), each);
  for (std::size_t row = 0; row < parts.size(); ++row)
    for (const char* key : {"start", "end"}) parts[row][key] = Json::array({each[key][row]});
  return parts;
}

/// What float32's rounding may come to, as a share of the largest |x|: more where the noise
/// of an estimate is extrapolated, which is its rounding times sigma/alpha, or steers steps.
double allowed(const std::string& spec) {
  if (spec.starts_with("dpm-adaptive")) return 1e-3;
  return spec.starts_with("dpm:") || spec.find("predict=eps") != spec.npos ? 3e-5 : 1e-5;
}

void check_cases(const Json& cases) {
  for (const Json& whole : cases)
    for (const Json& each : parts_of(whole))
      for (const Json& name : each["paths"]) {
        const double error = error_of(each, path_named(name, "test"));
        CAPTURE(each["spec"], each["peer"], name, each["grid"].size());
        CHECK(error < allowed(each["spec"]));
      }
}

}  // namespace

TEST_CASE("samplers take the steps of k-diffusion's and diffusers'", "[sample]") {
  check_cases(references()["cases"]);
}

TEST_CASE("variants of samplers take the steps of their peers", "[sample]") {
  check_cases(variants());
}

TEST_CASE("the grid dpm-fast has the levels where k-diffusion's asks", "[sample]") {
  const Schedule schedule = make_schedule("karras:sigma_min=0.05,sigma_max=20");
  for (const Json& each : variants()) {
    if (!each.contains("made")) continue;
    const int evaluations = each["made"];
    const auto grid = make_grid("dpm-fast:final=sigma_min", schedule, evaluations + 1);
    REQUIRE(grid.size() == each["grid"].size());
    for (std::size_t i = 0; i < grid.size(); ++i)
      CHECK(grid[i].ve_sigma() == Approx(each["grid"][i].get<double>()).epsilon(1e-9));
  }
}
