#include <limits>

#include "lib/noise/wrappers.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::filled;

namespace {

constexpr float inf = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

/// What becomes of x0, eps and variance shares of these last values.
std::string verdict(float x0, std::optional<float> eps = {}, std::optional<float> share = {}) {
  const auto tensor = [](float last) {
    Tensor x = filled({2, 1, 2, 1}, 1);
    x.data()[3] = last;
    return x;
  };
  const Denoiser denoise = [&](const Tensor&, const NoiseLevel&) {
    Denoised made{tensor(x0), {}, {}};
    if (eps) made.eps = tensor(*eps);
    if (share) made.variance_share = tensor(*share);
    return made;
  };
  try {
    finite(denoise, "m")(filled({2, 1, 2, 1}, 0),
                         {.lambda = 0, .alpha = 0.6, .sigma = 0.8, .timestep = 12});
  } catch (const NotFinite& found) {
    CHECK(found.at.timestep == 12);
    return found.what();
  }
  return "finite";
}

}  // namespace

TEST_CASE("estimates that are no numbers are refused, whichever part they are in", "[noise]") {
  const std::string refusal = "m: estimate is not finite at timestep 12 (sigma 0.8, alpha 0.6)";
  CHECK(verdict(3.4e38f, -3.4e38f, 1e-40f) == "finite");
  for (const float bad : {inf, -inf, not_a_number, -not_a_number}) {
    CHECK(verdict(bad) == refusal);
    CHECK(verdict(0, bad) == refusal);
    CHECK(verdict(0, 0, bad) == refusal);
  }
}

TEST_CASE("a derivative stays known where a denoiser is watched", "[noise]") {
  const Denoiser plain = [](const Tensor& x, const NoiseLevel&) { return Denoised{x, {}, {}}; };
  CHECK(pullback_of(finite(plain, "m")) == nullptr);
  CHECK(pullback_of(interruptible(plain)) == nullptr);
  const Pullback pull = [](const Tensor& x, const NoiseLevel&, const Tensor& v) {
    return Pulled{x, v};
  };
  const DifferentiableDenoiser knowing{plain, pull};
  const Tensor v = filled({1}, 7);
  for (const Denoiser& watched : {finite(knowing, "m"), interruptible(knowing)}) {
    REQUIRE(pullback_of(watched) != nullptr);
    CHECK((*pullback_of(watched))(v, {}, v).derivative(0) == 7);
    CHECK(watched(v, {}).x0(0) == 7);
  }
}
