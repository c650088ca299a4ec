#include "lib/sample/start.hpp"

#include <array>
#include <cmath>

#include "tests/support/catch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::largest_difference;
using testing::normals;

namespace {

const NoiseSource noise(5, "diff-sample");
const StartPlace place{Path::variance_preserving, on_path(Path::variance_preserving, 0.7), noise};
const Shape sample{2, 3, 1};

Tensor starts(const StartOf& start, std::vector<std::uint64_t> numbers) {
  return start(numbers, place);
}

double length(const Tensor& x) {
  double sum = 0;
  for (const float value : x) sum += double(value) * value;
  return std::sqrt(sum);
}

std::vector<float> between(std::vector<float> a, std::vector<float> b, double f) {
  std::vector<float> out(a.size());
  slerp(a, b, f, out);
  return out;
}

}  // namespace

TEST_CASE("a start depends on its own number alone", "[sample]") {
  for (const StartOf& start :
       {start_from_noise(sample), start_from_images(normals({3, 2, 3, 1}, 1)),
        start_between(start_from_noise(sample), {.from = 3, .to = 9, .first = 4, .count = 4})}) {
    const Tensor all = starts(start, {4, 5, 6, 7});
    const Tensor last = starts(start, {6, 7});
    CHECK(std::equal(last.begin(), last.end(), all.begin() + 12));
  }
}

TEST_CASE("states and images take turns", "[sample]") {
  const Tensor three = normals({3, 2, 3, 1}, 1);
  const Tensor got = starts(start_from_states(three), {2, 3, 7});
  CHECK(std::equal(got.begin(), got.begin() + 6, three.begin() + 12));
  CHECK(std::equal(got.begin() + 6, got.begin() + 12, three.begin()));
  CHECK(std::equal(got.begin() + 12, got.end(), three.begin() + 6));
}

TEST_CASE("images are noised by their sample's own draw", "[sample]") {
  const Tensor images = normals({2, 2, 3, 1}, 1);
  const Tensor z = starts(start_from_noise(sample), {4, 5, 6});
  const Tensor got = starts(start_from_images(images), {4, 5, 6});
  for (std::size_t i = 0; i < got.size(); ++i)
    CHECK(
        got.data()[i] ==
        Approx(place.at.alpha * images.data()[i % 12] + place.at.sigma * z.data()[i]).margin(1e-6));
}

TEST_CASE("a way between two starts has them at its ends and keeps their length", "[sample]") {
  const StartOf ends = start_from_noise(sample);
  const StartOf way = start_between(ends, {.from = 3, .to = 9, .first = 20, .count = 5});
  CHECK(largest_difference(starts(way, {20}), starts(ends, {3})) == 0);
  CHECK(largest_difference(starts(way, {24}), starts(ends, {9})) == 0);
  const double from = length(starts(ends, {3})), to = length(starts(ends, {9}));
  const double middle = length(starts(way, {22}));
  CHECK(middle > 0.9 * std::min(from, to));
  CHECK(middle < 1.1 * std::max(from, to));
}

TEST_CASE("spherical interpolation turns at a constant pace", "[sample]") {
  const std::vector<float> a{2, 0, 0}, b{0, 2, 0};
  for (const double f : {0.0, 0.25, 0.5, 0.9, 1.0}) {
    const auto c = between(a, b, f);
    CHECK(c[0] == Approx(2 * std::cos(f * std::acos(-1) / 2)).margin(1e-6));
    CHECK(c[1] == Approx(2 * std::sin(f * std::acos(-1) / 2)).margin(1e-6));
    CHECK(c[2] == 0);
  }
  // Obtuse: 120 degrees, the middle is at 60 from both.
  const auto middle = between({1, 0}, {-0.5f, std::sqrt(0.75f)}, 0.5);
  CHECK(middle[0] == Approx(0.5));
  CHECK(middle[1] == Approx(std::sqrt(0.75)));
  // Without an angle between them: linear.
  CHECK(between({1, 2}, {3, 6}, 0.25) == std::vector<float>{1.5f, 3});
  CHECK(between({1, 0}, {-1, 0}, 0.25)[0] == 0.5f);
  CHECK(between({0, 0}, {2, 4}, 0.5) == std::vector<float>{1, 2});
}

TEST_CASE("strength is the share of a grid that is walked, from its clean end", "[sample]") {
  std::vector<NoiseLevel> grid;
  for (int i = 0; i <= 10; ++i) grid.push_back(on_path(Path::straight, i - 5));
  const auto steps = [&](double strength) {
    const auto part = walked_part(grid, strength);
    CHECK(part.back().lambda == grid.back().lambda);
    CHECK(part.front().lambda == grid[grid.size() - part.size()].lambda);
    return part.size() - 1;
  };
  CHECK(steps(1) == 10);
  CHECK(steps(0.8) == 8);
  CHECK(steps(0.26) == 3);
  CHECK(steps(0.001) == 1);  // one at least
}
