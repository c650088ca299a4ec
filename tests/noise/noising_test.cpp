#include "lib/noise/noising.hpp"

#include <cmath>

#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

Noising noising(const std::string& spec, std::vector<std::int64_t> steps) {
  return {.schedule = make_schedule(spec),
          .steps = std::move(steps),
          .noise = NoiseSource(0, "diff-noise")};
}

Tensor picture(std::size_t channels) {
  Tensor x(Shape{3, 5, channels});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = float(i % 7) / 7;
  return x;
}

}  // namespace

TEST_CASE("closed form: alpha x0 + sigma eps, eps addressed by id and step", "[noise]") {
  const Noising at500 = noising("cosine", {500});
  const Tensor clean = picture(3);
  const Tensor x = noisy_versions(at500, clean, 42)[0];
  Tensor eps(clean.shape());
  at500.noise.fill({eps.data(), eps.size()}, 42, 500);
  const NoiseLevel at = at500.schedule.at(500);
  for (std::size_t i = 0; i < x.size(); ++i)
    CHECK(x.data()[i] ==
          Approx(at.alpha * clean.data()[i] + at.sigma * eps.data()[i]).margin(1e-6));
}

TEST_CASE("a version does not depend on which others are made", "[noise]") {
  for (const auto process : {ForwardProcess::closed_form, ForwardProcess::chain}) {
    Noising several = noising("linear:T=20", {0, 7, 20, 3}), one = noising("linear:T=20", {3});
    several.process = one.process = process;
    const auto versions = noisy_versions(several, picture(1), 5);
    REQUIRE(versions.size() == 4);
    CHECK((versions[0] == picture(1)));
    CHECK((versions[3] == noisy_versions(one, picture(1), 5)[0]));
    CHECK_FALSE((versions[3] == noisy_versions(one, picture(1), 6)[0]));
  }
}

TEST_CASE("the first step of the chain is the closed form, later ones are not", "[noise]") {
  for (const char* spec : {"linear:T=10", "ve:T=10", "flow:T=10"}) {
    INFO(spec);
    Noising chain = noising(spec, {1, 2}), closed = noising(spec, {1, 2});
    chain.process = ForwardProcess::chain;
    const auto a = noisy_versions(chain, picture(1), 1), b = noisy_versions(closed, picture(1), 1);
    for (std::size_t i = 0; i < a[0].size(); ++i)
      CHECK(a[0].data()[i] == Approx(b[0].data()[i]).margin(1e-6));
    CHECK_FALSE((a[1] == b[1]));
  }
}

TEST_CASE("opacity stays, and colours are noised as without it", "[noise]") {
  const Noising at500 = noising("linear", {500});
  for (const std::size_t channels : {2, 4}) {
    const Tensor clean = picture(channels);
    Tensor colours(Shape{3, 5, channels - 1});
    for (std::size_t i = 0; i < 15; ++i)
      for (std::size_t c = 0; c + 1 < channels; ++c)
        colours.data()[i * (channels - 1) + c] = clean.data()[i * channels + c];
    const Tensor with = noisy_versions(at500, clean, 9)[0];
    const Tensor without = noisy_versions(at500, colours, 9)[0];
    for (std::size_t y = 0; y < 3; ++y)
      for (std::size_t x = 0; x < 5; ++x) {
        CHECK(with(y, x, channels - 1) == clean(y, x, channels - 1));
        for (std::size_t c = 0; c + 1 < channels; ++c) CHECK(with(y, x, c) == without(y, x, c));
      }
    Noising all = at500;
    all.alpha = AlphaChannel::noised;
    CHECK_FALSE(noisy_versions(all, clean, 9)[0](0, 0, channels - 1) == clean(0, 0, channels - 1));
  }
}
