#include "lib/noise/guidance.hpp"

#include "lib/noise/combine.hpp"
#include "lib/tensor/stack.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::largest_difference;
using testing::normals;

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

/// A network that says this, whatever it is asked.
Denoiser network(Prediction prediction, const Tensor& says) {
  return [=](const Tensor& x_t, const NoiseLevel& at) {
    return denoised_from(prediction, says, x_t, at);
  };
}

double deviation(const Tensor& x, std::size_t n) {
  const std::size_t each = x.size() / x.shape()[0];
  Tensor one(Shape{each});
  std::copy_n(x.data() + n * each, each, one.data());
  return std::sqrt(testing::moments(one).variance);
}

}  // namespace

TEST_CASE("guidance goes past the conditional answer", "[noise]") {
  int asked_with = 0, asked_without = 0;
  const Tensor x(Shape{1, 1, 1, 1}, 0.5f);
  const NoiseLevel at = on_path(Path::variance_preserving, 0);
  const auto guide = [&](double scale) {
    return guided(saying(2, 5.0f, asked_with), saying(1, 3.0f, asked_without), {.scale = scale})(
        x, at);
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
      guided(saying(2, {}, asked_with), saying(1, {}, asked_without), {.scale = 1.5})(x, at);
  CHECK(first(plain.x0) == 2.5f);
  CHECK_FALSE(plain.eps.has_value());
}

TEST_CASE("guidance in an interval of levels leaves the others to the class alone", "[noise]") {
  int asked_with = 0, asked_without = 0;
  const Tensor x(Shape{1, 1, 1, 1}, 0.5f);
  const Denoiser guide = guided(saying(2, {}, asked_with), saying(1, {}, asked_without),
                                {.scale = 3, .above = 0.5, .upto = 2});
  const auto at = [&](double ve_sigma) {
    return first(guide(x, on_path(Path::straight, -std::log(ve_sigma))).x0);
  };
  CHECK(at(1) == 4);
  CHECK(at(2 * (1 - 1e-9)) == 4);
  CHECK(at(0.5 * (1 - 1e-9)) == 2);
  CHECK(at(2.001) == 2);
  CHECK(at(HUGE_VAL) == 2);
  CHECK(asked_with == 5);
  CHECK(asked_without == 2);
}

TEST_CASE("rescaled guidance has the spread of the unguided prediction", "[noise]") {
  const Tensor towards = normals({3, 4, 4, 2}, 1), away = normals({3, 4, 4, 2}, 2),
               x = normals({3, 4, 4, 2}, 3);
  const auto prediction = GENERATE(Prediction::eps, Prediction::v, Prediction::x0);
  const double phi = GENERATE(1.0, 0.7);
  const NoiseLevel at = on_path(Path::variance_preserving, 0.4);
  const Denoised got = guided(network(prediction, towards), network(prediction, away),
                              {.scale = 4, .rescale = phi, .prediction = prediction})(x, at);
  Tensor wanted = combine(4, towards, -3, away);
  for (std::size_t n = 0; n < 3; ++n) {
    const double factor = phi * deviation(towards, n) / deviation(wanted, n) + 1 - phi;
    for (std::size_t i = n * 32; i < (n + 1) * 32; ++i) wanted.data()[i] *= float(factor);
  }
  CAPTURE(int(prediction), phi);
  const Denoised expected = denoised_from(prediction, wanted, x, at);
  CHECK(largest_difference(got.x0, expected.x0) < 1e-5);
  CHECK(largest_difference(eps_of(got, x, at), eps_of(expected, x, at)) < 1e-5);
}

TEST_CASE("rescaling leaves a prediction without spread as it is", "[noise]") {
  int asked = 0;
  const Tensor x(Shape{2, 1, 1, 1}, 0.5f);
  const Denoiser guide =
      guided(saying(2, {}, asked), saying(1, {}, asked), {.scale = 3, .rescale = 1});
  CHECK(first(guide(x, on_path(Path::straight, 0)).x0) == 4);
}

TEST_CASE("both answers may come of one question", "[noise]") {
  const NoiseLevel at = on_path(Path::variance_preserving, 0);
  const Tensor x = normals({3, 2, 2, 1}, 1), said = normals({6, 2, 2, 1}, 2);
  int asked = 0;
  const auto part = [&](std::size_t first) -> Denoiser {
    return [=](const Tensor& x_t, const NoiseLevel& level) {
      return denoised_from(Prediction::eps, rows_from(said, first, 3), x_t, level);
    };
  };
  const Denoiser twice = [&](const Tensor& x_t, const NoiseLevel& level) {
    ++asked;
    REQUIRE(x_t.shape(0) == 6);
    CHECK(largest_difference(rows_from(x_t, 0, 3), x) == 0);
    CHECK(largest_difference(rows_from(x_t, 3, 3), x) == 0);
    return network(Prediction::eps, said)(x_t, level);
  };
  const Guidance guidance{.scale = 3};
  const Denoised one = guided(part(0), part(3), guidance, both_of(twice))(x, at);
  const Denoised two = guided(part(0), part(3), guidance)(x, at);
  CHECK(asked == 1);
  CHECK(largest_difference(one.x0, two.x0) == 0);
  CHECK(one.eps.has_value() == two.eps.has_value());
}

TEST_CASE("what momentum remembers is of one denoiser, and each sample's own", "[noise]") {
  const NoiseLevel at = on_path(Path::variance_preserving, 0.3);
  const Tensor x = normals({2, 2, 2, 1}, 1), towards = normals({2, 2, 2, 1}, 2),
               away = normals({2, 2, 2, 1}, 3);
  const auto guide = [&](std::size_t first, std::size_t count) {
    return guided(network(Prediction::x0, rows_from(towards, first, count)),
                  network(Prediction::x0, rows_from(away, first, count)),
                  {.scale = 3, .momentum = -0.5});
  };
  const Denoiser both = guide(0, 2), second = guide(1, 1);
  for (int step = 0; step < 3; ++step) {
    const Tensor got = both(x, at).x0, alone = second(rows_from(x, 1, 1), at).x0;
    CHECK(largest_difference(rows_from(got, 1, 1), alone) == 0);
    // 1, 1 - 1/2, 1 - 1/2 + 1/4 of the change.
    const double share = step == 0 ? 1 : step == 1 ? 0.5 : 0.75;
    const Tensor wanted = combine(1 + 2 * share, towards, -2 * share, away);
    CHECK(largest_difference(got, wanted) < 1e-5);
  }
  CHECK(largest_difference(guide(0, 2)(x, at).x0, combine(3, towards, -2, away)) < 1e-5);
}

TEST_CASE("a share of 0 and of 1 of two to guide away from are one of them", "[noise]") {
  const NoiseLevel at = on_path(Path::variance_preserving, 0.3);
  const Tensor x = normals({2, 2, 2, 1}, 1), first = normals({2, 2, 2, 1}, 2),
               second = normals({2, 2, 2, 1}, 3);
  const auto both = [&](double share) {
    return mixed(network(Prediction::v, first), network(Prediction::x0, second), share)(x, at).x0;
  };
  CHECK(largest_difference(both(0), denoised_from(Prediction::v, first, x, at).x0) == 0);
  CHECK(largest_difference(both(1), second) == 0);
}

TEST_CASE("answers with and without an eps of their own go together", "[noise]") {
  const NoiseLevel at = on_path(Path::variance_preserving, 0.3);
  const Tensor x = normals({2, 2, 2, 1}, 1), towards = normals({2, 2, 2, 1}, 2),
               away = normals({2, 2, 2, 1}, 3);
  Denoised with_eps{towards, {}, {}};
  with_eps.eps = eps_of(with_eps, x, at);
  const Denoiser says_eps = [&](const Tensor&, const NoiseLevel&) { return with_eps; };
  const Denoised got = guided(says_eps, network(Prediction::x0, away), {.scale = 3})(x, at);
  REQUIRE(got.eps.has_value());
  CHECK(largest_difference(combine(at.alpha, got.x0, at.sigma, *got.eps), x) < 1e-5);
  CHECK(largest_difference(got.x0, combine(3, towards, -2, away)) < 1e-6);
}

TEST_CASE("CFG-Zero* needs no change where one answer is a multiple of the other", "[noise]") {
  const NoiseLevel at = on_path(Path::straight, 0.2);
  const Tensor x = normals({2, 2, 2, 1}, 1), velocity = normals({2, 2, 2, 1}, 2);
  const Denoiser towards = network(Prediction::u, velocity),
                 away = network(Prediction::u, combine(-0.4, velocity, 0, velocity));
  const Tensor got = guided(towards, away, {.scale = 5, .fitted = true})(x, at).x0;
  CHECK(largest_difference(got, towards(x, at).x0) < 1e-5);
  CHECK(largest_difference(got, guided(towards, away, {.scale = 5})(x, at).x0) > 0.1);
}

TEST_CASE("what stands still has no velocity until the end of its levels", "[noise]") {
  const Tensor x = normals({2, 2, 2, 1}, 1);
  int asked = 0;
  const NoiseLevel end = on_path(Path::straight, -1);
  const Denoiser still = standing_still(saying(2, {}, asked), end);
  const Denoised there = still(x, on_path(Path::straight, -1.001));
  CHECK(largest_difference(there.x0, x) == 0);
  CHECK(largest_difference(*there.eps, x) == 0);
  CHECK(asked == 0);
  CHECK(first(still(x, end).x0) == 2);
  CHECK(asked == 1);
}
