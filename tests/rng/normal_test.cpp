#include "lib/rng/normal.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "lib/base/parallel.hpp"
#include "lib/rng/noise_source.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

// Box and Muller's formula in double, block by block.
double exact_normal(std::uint64_t index, const PhiloxKey& key) {
  const auto bits = philox4x32({std::uint32_t(index / 4), 1, 2, 3}, key);
  const std::size_t pair = 2 * (index % 4 / 2);
  const double u = (double(bits[pair] >> 1) + 0.5) * 0x1p-31;
  const double angle = 2 * std::numbers::pi * bits[pair + 1] * 0x1p-32;
  return std::sqrt(-2 * std::log(u)) * (index % 2 ? std::sin(angle) : std::cos(angle));
}

std::vector<float> stream(std::size_t count, std::uint64_t first = 0) {
  std::vector<float> out(count);
  fill_normal(out, {11, 22}, 1, 2, 3, first);
  return out;
}

}  // namespace

TEST_CASE("normals are Box and Muller's to float32 accuracy", "[rng]") {
  const auto got = stream(100000);
  double worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i)
    worst = std::max(worst, std::abs(got[i] - exact_normal(i, {11, 22})));
  // u itself is rounded to 24 bits: near u = 1 the radius, sqrt(2 (1 - u)), moves by up to
  // sqrt(2^-24) = 2.4e-4 where it is small; elsewhere by some units in the last place.
  CHECK(worst < 2.5e-4);
  double typical = 0;
  for (std::size_t i = 0; i < got.size(); ++i)
    typical += std::abs(got[i] - exact_normal(i, {11, 22})) / double(got.size());
  CHECK(typical < 1e-7);
}

TEST_CASE("normals are the same however the stream is cut", "[rng]") {
  const auto whole = stream(1000);
  for (const std::size_t first : {1u, 3u, 4u, 63u, 64u, 65u, 500u}) {
    const auto part = stream(1000 - first, first);
    CHECK(std::equal(part.begin(), part.end(), whole.begin() + std::ptrdiff_t(first)));
  }
}

// Part of the file contracts: a change of any of these bits is a new format version.
TEST_CASE("the first normals of diff-noise, seed 0, image 0, step 1 are fixed", "[rng]") {
  float got[4];
  NoiseSource(0, "diff-noise").fill(got, 0, 1);
  CAPTURE(std::bit_cast<std::uint32_t>(got[0]), std::bit_cast<std::uint32_t>(got[1]),
          std::bit_cast<std::uint32_t>(got[2]), std::bit_cast<std::uint32_t>(got[3]));
  CHECK(std::bit_cast<std::uint32_t>(got[0]) == 0xbfa94f61);
  CHECK(std::bit_cast<std::uint32_t>(got[1]) == 0xbe89d7f2);
  CHECK(std::bit_cast<std::uint32_t>(got[2]) == 0x3eeab56d);
  CHECK(std::bit_cast<std::uint32_t>(got[3]) == 0xc01d8cd0);
}

TEST_CASE("normals are standard normal", "[rng]") {
  auto x = stream(1 << 20);
  const double n = double(x.size());
  double sums[4] = {};
  for (const float v : x)
    for (int p = 0; p < 4; ++p) sums[p] += std::pow(v, p + 1) / n;
  // Five standard errors of the moments 0, 1, 0, 3.
  CHECK(std::abs(sums[0]) < 5 / std::sqrt(n));
  CHECK(std::abs(sums[1] - 1) < 5 * std::sqrt(2 / n));
  CHECK(std::abs(sums[2]) < 5 * std::sqrt(15 / n));
  CHECK(std::abs(sums[3] - 3) < 5 * std::sqrt(96 / n));

  std::sort(x.begin(), x.end());  // Kolmogorov and Smirnov's distance; 1.95/sqrt(n) is p = 0.001
  double distance = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double below = std::erfc(-x[i] / std::numbers::sqrt2) / 2;
    distance =
        std::max({distance, std::abs(below - double(i) / n), std::abs(below - double(i + 1) / n)});
  }
  CHECK(distance < 1.95 / std::sqrt(n));
}

TEST_CASE("neighbouring addresses are uncorrelated", "[rng]") {
  constexpr std::size_t n = 1 << 18;
  std::vector<float> a(n), b(n);
  const NoiseSource source(1, "diff-noise"), other(2, "diff-noise"), tool(1, "diff-sample");
  source.fill(a, 7, 3);
  const auto correlation = [&] {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0) / n;
  };
  const double bound = 5 / std::sqrt(double(n));
  source.fill(b, 8, 3);
  CHECK(std::abs(correlation()) < bound);
  source.fill(b, 7, 4);
  CHECK(std::abs(correlation()) < bound);
  source.fill(b, std::uint64_t(7) << 32, 3);
  CHECK(std::abs(correlation()) < bound);
  other.fill(b, 7, 3);
  CHECK(std::abs(correlation()) < bound);
  tool.fill(b, 7, 3);
  CHECK(std::abs(correlation()) < bound);
}

TEST_CASE("a batch of noise is its images' noise, on any number of threads", "[rng]") {
  const NoiseSource source(3, "diff-sample");
  const std::vector<std::uint64_t> ids{5, 9, 1};
  const int before = threads();
  set_threads(1);
  const Tensor one = source.normal({3, 5, 5, 1}, ids, 2);
  set_threads(2);
  const Tensor two = source.normal({3, 5, 5, 1}, ids, 2);
  set_threads(before);
  CHECK(one == two);
  std::vector<float> single(25);
  source.fill(single, 9, 2);
  CHECK(std::equal(single.begin(), single.end(), one.begin() + 25));
}

TEST_CASE("uniforms fill the unit interval", "[rng]") {
  const NoiseSource source(0, "diff-train");
  double sum = 0;
  for (std::uint32_t i = 0; i < 10000; ++i) {
    const double u = source.uniform(1, 2, i);
    REQUIRE((u >= 0 && u < 1));
    sum += u / 10000;
  }
  CHECK(std::abs(sum - 0.5) < 5 / std::sqrt(12 * 10000.0));
  CHECK(source.uniform(1, 2, 0) != source.uniform(1, 2, 1));
}

// Published with the definition of the hash.
TEST_CASE("fnv1a gives the published values", "[rng]") {
  CHECK(fnv1a("") == 0xcbf29ce484222325);
  CHECK(fnv1a("a") == 0xaf63dc4c8601ec8c);
  CHECK(fnv1a("foobar") == 0x85944171f73967e8);
}
