// Thresholding and guidance against diffusers'; tests/data/steering says how.
#include "lib/noise/clip.hpp"
#include "lib/noise/combine.hpp"
#include "lib/noise/guidance.hpp"
#include "tests/noise/steering_references.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;
using testing::largest_difference, testing::saying, testing::somewhere;

namespace {

const Json& references() {
  static const Json json = testing::steering_references("references.json");
  return json;
}

Tensor tensor(const Json& values) { return testing::tensor_of(references(), values); }

}  // namespace

TEST_CASE("dynamic thresholding is that of diffusers", "[noise]") {
  const Tensor x0 = tensor(references()["x0"]);
  for (const Json& each : references()["thresholded"]) {
    const std::string spec =
        "dynamic:percentile=" + each["percentile"].dump() + ",max=" + each["max"].dump();
    CAPTURE(spec);
    const Tensor got = make_clip(spec)(saying(x0))(x0, somewhere).x0;
    CHECK(largest_difference(got, tensor(each["x0"])) < 1e-6);
  }
}

TEST_CASE("guidance without its parallel part is that of diffusers", "[noise]") {
  const Tensor towards = tensor(references()["towards"]), away = tensor(references()["away"]);
  for (const Json& each : references()["projected"]) {
    const double norm = each["norm"];
    const Guidance guidance{
        .scale = each["scale"], .parallel = each["eta"], .norm = norm == 0 ? HUGE_VAL : norm};
    CAPTURE(guidance.scale, guidance.parallel, guidance.norm);
    const Denoised got = guided(saying(towards), saying(away), guidance)(towards, somewhere);
    CHECK(largest_difference(got.x0, tensor(each["prediction"])) < 1e-5);
    // x0 and eps describe the state that they were asked about.
    Tensor state = combine(somewhere.alpha, got.x0, somewhere.sigma, *got.eps);
    CHECK(largest_difference(state, towards) < 1e-5);
  }
}

TEST_CASE("guidance and its rescaling are those of diffusers", "[noise]") {
  const Tensor towards = tensor(references()["towards"]), away = tensor(references()["away"]);
  for (const Json& each : references()["rescaled"]) {
    const Guidance guidance{.scale = each["scale"], .rescale = each["phi"]};
    CAPTURE(guidance.scale, guidance.rescale);
    const Tensor got = guided(saying(towards), saying(away), guidance)(towards, somewhere).x0;
    CHECK(largest_difference(got, tensor(each["prediction"])) < 1e-5);
  }
}
