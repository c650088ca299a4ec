#include "lib/noise/noising.hpp"

#include <cmath>
#include <limits>

#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

Noising noising(const std::string& spec, const std::vector<std::int64_t>& steps) {
  Noising made{
      .schedule = make_schedule(spec), .levels = {}, .noise = NoiseSource(0, "diff-noise")};
  for (const std::int64_t t : steps) made.levels.push_back(step_asked(made.schedule, t));
  return made;
}

std::vector<NoisyVersion> versions_of(const Noising& noising, const Tensor& clean,
                                      std::uint64_t id) {
  const auto levels = levels_of(noising, id);
  std::vector<NoisyVersion> versions(levels.size());
  make_versions(noising, levels, clean, id,
                [&](std::size_t i, NoisyVersion version) { versions[i] = std::move(version); });
  return versions;
}

Tensor picture(std::size_t channels) {
  Tensor x(Shape{3, 5, channels});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = float(i % 7) / 7;
  return x;
}

}  // namespace

TEST_CASE("closed form: alpha x0 + sigma eps to the last bit, addressed by id and step",
          "[noise]") {
  Noising at500 = noising("cosine", {500});
  at500.eps = EpsOfVersions::kept;
  const Tensor clean = picture(3);
  const NoisyVersion version = versions_of(at500, clean, 42)[0];
  Tensor eps(clean.shape());
  at500.noise.fill({eps.data(), eps.size()}, 42, 500);
  CHECK((version.eps == eps));
  const NoiseLevel at = at500.schedule.at(500);
  const float alpha = float(at.alpha), sigma = float(at.sigma);
  for (std::size_t i = 0; i < eps.size(); ++i) {
    const volatile float signal = alpha * clean.data()[i], noise = sigma * eps.data()[i];
    CHECK(version.x.data()[i] == signal + noise);
  }
}

TEST_CASE("a version does not depend on which others are made", "[noise]") {
  for (const auto process : {ForwardProcess::closed_form, ForwardProcess::chain}) {
    Noising several = noising("linear:T=20", {0, 7, 20, 3}), one = noising("linear:T=20", {3});
    several.process = one.process = process;
    const auto versions = versions_of(several, picture(1), 5);
    REQUIRE(versions.size() == 4);
    CHECK((versions[0].x == picture(1)));
    CHECK((versions[3].x == versions_of(one, picture(1), 5)[0].x));
    CHECK_FALSE((versions[3].x == versions_of(one, picture(1), 6)[0].x));
  }
}

TEST_CASE("the first step of the chain is the closed form, later ones are not", "[noise]") {
  for (const char* spec : {"linear:T=10", "ve:T=10", "flow:T=10"}) {
    INFO(spec);
    Noising chain = noising(spec, {1, 2}), closed = noising(spec, {1, 2});
    chain.process = ForwardProcess::chain;
    const auto a = versions_of(chain, picture(1), 1), b = versions_of(closed, picture(1), 1);
    for (std::size_t i = 0; i < a[0].x.size(); ++i)
      CHECK(a[0].x.data()[i] == Approx(b[0].x.data()[i]).margin(1e-6));
    CHECK_FALSE((a[1].x == b[1].x));
  }
}

TEST_CASE("the chain's eps is what its draws amount to", "[noise]") {
  for (const char* spec : {"linear:T=10", "ve:T=10", "flow:T=10"}) {
    INFO(spec);
    Noising chain = noising(spec, {0, 1, 7, 10});
    chain.process = ForwardProcess::chain;
    chain.eps = EpsOfVersions::kept;
    const Tensor clean = picture(1);
    const auto versions = versions_of(chain, clean, 1);
    for (std::size_t v = 0; v < versions.size(); ++v) {
      const NoiseLevel at = chain.levels[v].level;
      for (std::size_t i = 0; i < clean.size(); ++i)
        CHECK(versions[v].x.data()[i] ==
              Approx(at.alpha * clean.data()[i] + at.sigma * versions[v].eps->data()[i])
                  .epsilon(1e-6)
                  .margin(1e-6));
    }
    // The first step draws one eps, the closed form's.
    Tensor eps(clean.shape());
    chain.noise.fill({eps.data(), eps.size()}, 1, 1);
    for (std::size_t i = 0; i < eps.size(); ++i)
      CHECK(versions[1].eps->data()[i] == Approx(eps.data()[i]).margin(2e-4));
    CHECK((versions[0].eps == Tensor(clean.shape(), 0.f)));
  }
}

TEST_CASE("opacity stays, and colours are noised as without it", "[noise]") {
  Noising at500 = noising("linear", {500});
  at500.eps = EpsOfVersions::kept;
  for (const std::size_t channels : {2, 4}) {
    const Tensor clean = picture(channels);
    Tensor colours(Shape{3, 5, channels - 1});
    for (std::size_t i = 0; i < 15; ++i)
      for (std::size_t c = 0; c + 1 < channels; ++c)
        colours.data()[i * (channels - 1) + c] = clean.data()[i * channels + c];
    const NoisyVersion with = versions_of(at500, clean, 9)[0];
    const NoisyVersion without = versions_of(at500, colours, 9)[0];
    for (std::size_t y = 0; y < 3; ++y)
      for (std::size_t x = 0; x < 5; ++x) {
        CHECK(with.x(y, x, channels - 1) == clean(y, x, channels - 1));
        CHECK((*with.eps)(y, x, channels - 1) == 0);
        for (std::size_t c = 0; c + 1 < channels; ++c) {
          CHECK(with.x(y, x, c) == without.x(y, x, c));
          CHECK((*with.eps)(y, x, c) == (*without.eps)(y, x, c));
        }
      }
    Noising all = at500;
    all.alpha = AlphaChannel::noised;
    CHECK_FALSE(versions_of(all, clean, 9)[0].x(0, 0, channels - 1) == clean(0, 0, channels - 1));
  }
}

TEST_CASE("random steps: uniform on 1..T, by seed and id alone", "[noise]") {
  Noising random = noising("linear:T=10", {});
  std::vector<int> times(11);
  for (std::uint64_t id = 0; id < 10'000; ++id) {
    const auto levels = levels_of(random, id);
    REQUIRE(levels.size() == 1);
    ++times.at(std::size_t(levels[0].t.value()));
  }
  CHECK(times[0] == 0);
  for (int t = 1; t <= 10; ++t) CHECK(std::abs(times[t] - 1000) < 120);  // 4 deviations
  Noising other = random;
  other.noise = NoiseSource(1, "diff-noise");
  int agreed = 0;
  for (std::uint64_t id = 0; id < 1000; ++id)
    agreed += levels_of(random, id)[0].t == levels_of(other, id)[0].t;
  CHECK(agreed > 60);
  CHECK(agreed < 140);
}

TEST_CASE("the noise of a level that is no step is addressed by its lambda", "[noise]") {
  const auto step = [](double lambda) { return LevelAsked{"", {}, {lambda, 0, 0}}.noise_step(); };
  CHECK(step(1) == 0x3f800000);
  CHECK(step(-1) == 0xbf800000);
  CHECK(step(0) == 0);
  CHECK(step(-0.0) == 0);
  CHECK(step(1e-42) == 0);
  CHECK(step(-std::numeric_limits<double>::infinity()) == 0xff800000);
  CHECK(LevelAsked{"t500", 500, {1, 0, 0}}.noise_step() == 500);

  Noising at = noising("cosine", {});
  at.levels = {{"snr1", {}, at.schedule.at_lambda(0)}};
  at.eps = EpsOfVersions::kept;
  const NoisyVersion version = versions_of(at, picture(1), 3)[0];
  Tensor eps(version.x.shape());
  at.noise.fill({eps.data(), eps.size()}, 3, 0);
  CHECK((version.eps == eps));
}
