// Guidance by a second model, momentum and CFG-Zero* against their authors' formulas;
// tests/data/steering says how.
#include "lib/noise/guidance.hpp"
#include "tests/noise/steering_references.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;
using testing::largest_difference, testing::saying, testing::somewhere;

namespace {

const Json& references() {
  static const Json json = testing::steering_references("guidance.json");
  return json;
}

Tensor tensor(const Json& values) { return testing::tensor_of(references(), values); }

/// Says the next of them each time that it is asked.
Denoiser saying_in_turn(const char* key) {
  return [key, step = std::size_t(0)](const Tensor&, const NoiseLevel&) mutable {
    return Denoised{tensor(references()["steps"].at(step++)[key]), {}, {}};
  };
}

}  // namespace

TEST_CASE("guidance by a worse model is that of its authors", "[noise]") {
  const Tensor towards = tensor(references()["towards"]);
  for (const Json& each : references()["by_model"]) {
    const Guidance guidance{.scale = each["scale"]};
    const Denoiser guide = guided(saying(towards), saying(tensor(references()["worse"])), guidance);
    CAPTURE(guidance.scale);
    CHECK(largest_difference(guide(towards, somewhere).x0, tensor(each["x0"])) < 1e-5);
  }
}

TEST_CASE("guidance by a class and by a worse model at once is that of its authors", "[noise]") {
  const Tensor towards = tensor(references()["towards"]);
  for (const Json& each : references()["by_both"]) {
    const double cfg = each["cfg"], guide = each["guide"], scale = cfg + guide - 1;
    const Denoiser away = mixed(saying(tensor(references()["without"])),
                                saying(tensor(references()["worse"])), (guide - 1) / (scale - 1));
    CAPTURE(cfg, guide);
    const Tensor got = guided(saying(towards), away, {.scale = scale})(towards, somewhere).x0;
    CHECK(largest_difference(got, tensor(each["x0"])) < 1e-5);
  }
}

TEST_CASE("guidance's momentum is that of diffusers", "[noise]") {
  for (const Json& each : references()["momentum"]) {
    const double norm = each["norm"];
    const Guidance guidance{.scale = each["scale"],
                            .parallel = each["eta"],
                            .norm = norm == 0 ? HUGE_VAL : norm,
                            .momentum = each["beta"]};
    CAPTURE(guidance.scale, guidance.parallel, guidance.norm, guidance.momentum);
    const Denoiser guide = guided(saying_in_turn("towards"), saying_in_turn("away"), guidance);
    const Tensor x = tensor(references()["x_t"]);
    for (std::size_t step = 0; step < 3; ++step)
      CHECK(largest_difference(guide(x, somewhere).x0, tensor(each["x0"].at(step))) < 1e-5);
  }
}

TEST_CASE("CFG-Zero*'s scale is that of diffusers", "[noise]") {
  const Tensor x = tensor(references()["x_t"]);
  for (const Json& each : references()["zero_star"]) {
    const double tau = each["tau"];
    const NoiseLevel at = on_path(Path::straight, std::log((1 - tau) / tau));
    const Guidance guidance{.scale = each["scale"], .fitted = true};
    const Denoised got = guided(saying(tensor(references()["towards"])),
                                saying(tensor(references()["without"])), guidance)(x, at);
    CAPTURE(tau, guidance.scale);
    CHECK(largest_difference(got.x0, tensor(each["x0"])) < 2e-5);
  }
}
