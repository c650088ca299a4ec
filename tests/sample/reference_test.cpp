// Samplers against those of k-diffusion, diffusers and SciPy; tests/data/samplers says how.
#include <algorithm>
#include <cmath>
#include <string>

#include "lib/base/json.hpp"
#include "lib/models/mixture.hpp"
#include "lib/sample/sampler.hpp"
#include "lib/schedule/schedule.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;

namespace {

const Json& references() {
  static const Json json = read_json(TEST_DATA_DIR "/samplers/references.json");
  return json;
}

/// y, N x 2, times what makes a state of it.
Tensor states(const Json& y, double scale) {
  Tensor x(Shape{y.size(), 1, 1, 2});
  for (std::size_t i = 0; i < x.size(); ++i)
    x.data()[i] = float(scale * y.at(i / 2).at(i % 2).get<double>());
  return x;
}

std::vector<NoiseLevel> levels_of(const Json& grid, Path path) {
  std::vector<NoiseLevel> levels;
  for (const Json& ve_sigma : grid)
    levels.push_back(on_path(path, -std::log(number_from_json(ve_sigma, "grid"))));
  return levels;
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
  const auto levels = levels_of(each["grid"], path);
  const Denoiser exact = mixture();
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
       .at_level = [&](std::uint32_t, const Tensor& x) { note(x); }});
  return testing::largest_difference(end, states(each["end"], scale_of(levels.back()))) / largest;
}

}  // namespace

TEST_CASE("samplers take the steps of k-diffusion's and diffusers'", "[sample]") {
  for (const Json& each : references()["cases"])
    for (const Json& name : each["paths"]) {
      const double error = error_of(each, path_named(name, "test"));
      CAPTURE(each["spec"], each["peer"], name, each["grid"].size());
      CHECK(error < 1e-5);
    }
}
