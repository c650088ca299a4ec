#include "lib/noise/clip.hpp"

#include <cmath>

#include "lib/noise/prediction.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;

namespace {

/// An answer of two samples whose eps is not what follows from x0.
Denoiser saying() {
  return [](const Tensor& x_t, const NoiseLevel&) {
    Denoised denoised{Tensor(x_t.shape()), Tensor(x_t.shape(), 7.f), {}};
    const float values[] = {0.5f, -0.9f, 0.f, 0.2f, 4.f, -2.f, 1.f, 0.f};
    std::copy(std::begin(values), std::end(values), denoised.x0.begin());
    return denoised;
  };
}

const NoiseLevel at = on_path(Path::straight, 0);

Denoised said(const std::string& spec) {
  return make_clip(spec)(saying())(Tensor(Shape{2, 2, 2, 1}, 1.f), at);
}

std::vector<float> values(const Tensor& x) { return {x.begin(), x.end()}; }

}  // namespace

TEST_CASE("estimates are clipped as they are told to be", "[noise]") {
  using List = std::vector<float>;
  CHECK(values(said("none").x0) == List{0.5f, -0.9f, 0, 0.2f, 4, -2, 1, 0});
  CHECK(said("none").eps.has_value());
  CHECK(values(said("static").x0) == List{0.5f, -0.9f, 0, 0.2f, 1, -1, 1, 0});
  // A sample inside [-1, 1] stays; of the other, sizes 0, 1, 2, 4: two thirds is 2.
  CHECK(values(said("dynamic:percentile=0.66666666666666666").x0) ==
        List{0.5f, -0.9f, 0, 0.2f, 1, -1, 0.5f, 0});
  CHECK(values(said("dynamic:percentile=1").x0) == List{0.5f, -0.9f, 0, 0.2f, 1, -0.5f, 0.25f, 0});
  CHECK(values(said("dynamic:max=1").x0) == values(said("static").x0));
}

TEST_CASE("estimates are clipped to a range of one's own, and eps may stay raw", "[noise]") {
  using List = std::vector<float>;
  CHECK(values(said("static:range=2").x0) == List{0.5f, -0.9f, 0, 0.2f, 2, -2, 1, 0});
  for (const char* const spec : {"static:eps=raw", "dynamic:eps=raw"}) {
    const Denoised denoised = said(spec);
    REQUIRE(denoised.eps.has_value());
    CHECK(denoised.eps->data()[4] == 7);
  }
  // Of a model that says x0 alone, eps follows from what it said.
  const Denoiser plain = [](const Tensor& x_t, const NoiseLevel&) {
    return Denoised{Tensor(x_t.shape(), 3.f), {}, {}};
  };
  const Tensor x(Shape{1, 1, 1, 1}, 1.f);
  const Denoised raw = make_clip("static:eps=raw")(plain)(x, at);
  CHECK(raw.x0.data()[0] == 1);
  CHECK(raw.eps->data()[0] == Approx((1 - 0.5 * 3) / 0.5));
}

TEST_CASE("eps goes with the clipped estimate", "[noise]") {
  for (const char* const spec : {"static", "dynamic"}) {
    const Denoised denoised = said(spec);
    CHECK_FALSE(denoised.eps.has_value());
    CHECK(eps_of(denoised, Tensor(Shape{2, 2, 2, 1}, 1.f), at).data()[4] == Approx(1));
  }
}

TEST_CASE("quantiles lie between two values, and numbers that are none are seen", "[noise]") {
  const std::vector<float> some{-3, 1, 2, 0};
  CHECK(absolute_quantile(some, 0) == 0);
  CHECK(absolute_quantile(some, 0.5) == Approx(1.5));
  CHECK(absolute_quantile(some, 0.9) == Approx(2.7));
  CHECK(absolute_quantile(some, 1) == 3);
  CHECK(absolute_quantile(std::vector<float>{-5}, 0.5) == 5);
  CHECK(std::isnan(absolute_quantile(std::vector<float>{1, NAN, 2}, 0.5)));
}

TEST_CASE("ways to clip refuse what they can't do", "[noise]") {
  CHECK_THROWS_WITH(make_clip("dynamc"), Contains("unknown way to clip 'dynamc'"));
  CHECK_THROWS_WITH(make_clip("dynamic:percentile=0"), Contains("must lie in (0, 1]"));
  CHECK_THROWS_WITH(make_clip("dynamic:max=0.5"), Contains("must be at least 1"));
  CHECK_THROWS_WITH(make_clip("static:max=1"), Contains("no parameter"));
}
