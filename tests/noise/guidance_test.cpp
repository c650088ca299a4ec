#include "lib/noise/wrappers.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

/// Always says the same, and counts how often it was asked.
Denoiser saying(float x0, std::optional<float> eps, int& asked) {
  return [=, &asked](const Tensor& x_t, const NoiseLevel&) {
    ++asked;
    Denoised denoised{Tensor(x_t.shape(), x0), {}, {}};
    if (eps) denoised.eps = Tensor(x_t.shape(), *eps);
    return denoised;
  };
}

float first(const Tensor& x) { return x.data()[0]; }

}  // namespace

TEST_CASE("guidance goes past the conditional answer", "[noise]") {
  int asked_with = 0, asked_without = 0;
  const Tensor x(Shape{1, 1, 1, 1}, 0.5f);
  const NoiseLevel at{};
  const auto guide = [&](double scale) {
    return guided(saying(2, 5.0f, asked_with), saying(1, 3.0f, asked_without), scale)(x, at);
  };
  // (1 + w) eps_c - w eps with w = 2.
  CHECK(first(*guide(3).eps) == 3 * 5.0f - 2 * 3.0f);
  CHECK(first(guide(3).x0) == 3 * 2.0f - 2 * 1.0f);
  CHECK(asked_with == 2);
  CHECK(asked_without == 2);
  CHECK(first(guide(1).x0) == 2);
  CHECK(asked_without == 2);
  CHECK(first(guide(0).x0) == 1);
  CHECK(asked_with == 3);
  const Denoised plain =
      guided(saying(2, {}, asked_with), saying(1, {}, asked_without), 1.5)(x, at);
  CHECK(first(plain.x0) == 2.5f);
  CHECK_FALSE(plain.eps.has_value());
}
