#include "lib/nn/dropout.hpp"

#include <cmath>
#include <cstring>

#include "lib/base/fnv1a.hpp"
#include "lib/base/parallel.hpp"
#include "lib/nn/elementwise.hpp"
#include "lib/rng/noise_source.hpp"
#include "tests/nn/gradients.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;
using nn::Dims;
using nn::Dropout;
using nn::DType;
using nn::Tape;

namespace {

Tape tape_of(std::uint64_t seed, std::uint64_t first = 0) {
  Tape tape;
  tape.draws = {NoiseSource(seed, "diff-train").key(), first};
  return tape;
}

/// What is left of ones.
std::vector<float> left_of_ones(const Dropout& dropout, Dims dims, const Tape& tape,
                                DType type = DType::float32) {
  nn::Tensor x(dims);
  std::ranges::fill(x.floats(), 1.0f);
  x = converted(x, type);
  dropout.forward(x, &tape);
  x = converted(x, DType::float32);
  return {x.floats().begin(), x.floats().end()};
}

}  // namespace

TEST_CASE("features are dropped as the addresses of their draws say", "[dropout]") {
  const double rate = 0.3;
  const Dims dims{3, 5, 7, 11};  // fills no whole number of vectors
  const std::uint64_t first = (std::uint64_t(7) << 32) - 2;
  const auto left = left_of_ones(Dropout(rate, "mid_block.resnets.0"), dims, tape_of(5, first));
  const NoiseSource noise(5, "diff-train");
  const auto address = std::uint32_t(fnv1a("mid_block.resnets.0")) | 1u << 31;
  const std::uint32_t dropped = 19661;  // 0.3 of 65536
  std::vector<float> expected;
  for (std::uint64_t n = 0; n < 3; ++n)
    for (std::uint32_t e = 0; e < 385; ++e) {
      const std::uint32_t half = e % 128 / 16;
      const auto word = noise.bits(first + n, address, e / 128 * 16 + e % 16)[half / 2];
      const std::uint32_t bits = half % 2 == 0 ? word & 0xffff : word >> 16;
      expected.push_back(bits < dropped ? 0 : 65536.0f / float(65536 - dropped));
    }
  CHECK(left == expected);
}

TEST_CASE("the share of dropped features, and their mean, are right", "[dropout]") {
  for (const double rate : {0.1, 0.5, 0.9}) {
    const auto left = left_of_ones(Dropout(rate, "a"), {16, 32, 32, 16}, tape_of(1));
    const auto n = double(left.size());
    double zeros = 0, sum = 0, pairs = 0;
    for (std::size_t i = 0; i < left.size(); ++i) {
      zeros += left[i] == 0;
      sum += left[i];
      pairs += i > 0 && left[i] == 0 && left[i - 1] == 0;
    }
    CAPTURE(rate);
    const double spread = std::sqrt(rate * (1 - rate) / n);
    CHECK(std::abs(zeros / n - rate) < 4 * spread);
    CHECK(std::abs(sum / n - 1) < 4 * spread / (1 - rate));
    CHECK(std::abs(pairs / n - rate * rate) < 4 * std::sqrt(3 * rate * rate / n));
  }
}

TEST_CASE("masks differ by seed, example and layer, and by nothing else", "[dropout]") {
  const Dropout dropout(0.5, "a");
  const Dims dims{4, 8, 8, 16};
  const auto whole = left_of_ones(dropout, dims, tape_of(1, 10));
  const std::size_t each = whole.size() / 4;
  const auto part = left_of_ones(dropout, {2, 8, 8, 16}, tape_of(1, 12));
  CHECK(std::equal(part.begin(), part.end(), whole.begin() + std::ptrdiff_t(2 * each)));
  CHECK(!std::equal(whole.begin(), whole.begin() + std::ptrdiff_t(each),
                    whole.begin() + std::ptrdiff_t(each)));
  CHECK(left_of_ones(dropout, dims, tape_of(2, 10)) != whole);
  CHECK(left_of_ones(Dropout(0.5, "b"), dims, tape_of(1, 10)) != whole);
  CHECK(left_of_ones(dropout, dims, tape_of(1, 10), DType::bfloat16) == whole);  // 2 and 0
  const int all = threads();
  set_threads(1);
  CHECK(left_of_ones(dropout, dims, tape_of(1, 10)) == whole);
  set_threads(all);
}

TEST_CASE("nothing is dropped in inference", "[dropout]") {
  const nn::Tensor x = nn::random_tensor({2, 4, 4, 3}, 1);
  const std::vector<float> before(x.floats().begin(), x.floats().end());
  const Tape plain;
  Dropout(0.5, "a").forward(x, nullptr);
  Dropout(0.5, "a").forward(x, &plain);
  Tape training = tape_of(1);
  Dropout(0, "a").forward(x, &training);
  CHECK(std::ranges::equal(x.floats(), before));
  CHECK(training.empty());
}

TEST_CASE("the derivative has the mask of what it derives", "[dropout]") {
  const Dropout dropout(0.4, "a");
  const nn::Tensor x = nn::random_tensor({3, 5, 5, 9}, 1), dy = nn::random_tensor({3, 5, 5, 9}, 2);
  const std::vector<float> x0(x.floats().begin(), x.floats().end());
  const std::vector<float> dy0(dy.floats().begin(), dy.floats().end());
  const Tape tape = tape_of(3);
  dropout.forward(x, &tape);
  dropout.backward(dy, tape);
  for (std::size_t i = 0; i < x0.size(); ++i) {
    const float factor = x.floats()[i] / x0[i];
    REQUIRE(dy.floats()[i] == Approx(factor * dy0[i]));
  }
}
