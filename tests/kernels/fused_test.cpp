// Kernels that may fuse multiply and add: every level agrees with the baseline within the
// rounding that its sums may take. A sum of n float32 terms with random signs is held to
// n 2^-24 of its length; a result rounded to bfloat16 may be the next one where sums differ.
#include <algorithm>
#include <limits>

#include "tests/kernels/levels.hpp"

using namespace diffusion;
using kernel::ConstMatrix, kernel::Head, kernel::ProductSize;

namespace {

constexpr double u = 0x1p-8;  // a bfloat16's half unit in the last place

/// `roundings` of float32, and where results are bfloat16 `results` of them.
template <class T>
double tolerance(double roundings, double results) {
  return roundings * 0x1p-24 + (std::is_same_v<T, BFloat16> ? results * u : 0);
}

}  // namespace

TEST_CASE("small products agree with sums in double at every level", "[kernels]") {
  const ProductSize size{7, GENERATE(3, 16, 90), 21};
  const auto a = random_elements<float>(std::size_t(size.rows * size.inner), 1);
  const auto b = random_elements<float>(std::size_t(size.inner * size.columns), 2);
  std::vector<float> transposed(b.size());
  for (std::int64_t j = 0; j < size.columns; ++j)
    for (std::int64_t k = 0; k < size.inner; ++k)
      transposed[std::size_t(j * size.inner + k)] = b[std::size_t(k * size.columns + j)];
  const ConstMatrix left{a.data(), size.inner}, right{b.data(), size.columns};
  for (const InstructionSet level : levels_here()) {
    const std::string name(name_of(level));
    CAPTURE(size.columns, name);
    const Kernels& k = *kernels_at(level);
    std::vector<float> one(std::size_t(size.rows * size.columns)), two = one;
    k.multiply(size, left, right, one.data(), size.columns);
    k.multiply_add(size, left, right, one.data(), size.columns);
    k.multiply_rows(size, left, {transposed.data(), size.inner}, two.data(), size.columns);
    for (std::int64_t i = 0; i < size.rows; ++i)
      for (std::int64_t j = 0; j < size.columns; ++j) {
        double sum = 0;
        for (std::int64_t n = 0; n < size.inner; ++n)
          sum += double(a[std::size_t(i * size.inner + n)]) * b[std::size_t(n * size.columns + j)];
        const auto at = std::size_t(i * size.columns + j);
        CHECK(std::abs(one[at] - 2 * sum) < 2e-5);
        CHECK(std::abs(two[at] - sum) < 1e-5);
      }
  }
}

TEMPLATE_TEST_CASE("group normalisation agrees at every level", "[kernels]", float, BFloat16) {
  using T = TestType;
  const auto activation = GENERATE(kernel::Activation::none, kernel::Activation::silu,
                                   kernel::Activation::mish, kernel::Activation::gelu);
  const std::int64_t channels = GENERATE(8, 16, 40), pixels = 15;
  const kernel::NormShape shape{pixels, channels, 4, 1e-5f, activation};
  const std::size_t c = std::size_t(channels), size = std::size_t(pixels) * c;
  const auto x = random_elements<T>(size, 1), dy = random_elements<T>(size, 2);
  const auto extra = random_elements<T>(size, 3);
  const auto weight = random_elements<float>(c, 4), bias = random_elements<float>(c, 5);
  const auto shift = random_elements<float>(c, 6);
  const auto outcome = [&](const Kernels& k) {
    std::vector<T> y(size), dx(size);
    std::vector<float> affine(2 * c), sums(3 * c), dshift(c), scratch(3 * c);
    k.of<T>().normalise(shape, {weight.data(), bias.data(), shift.data()},
                        {x.data(), y.data(), affine.data(), affine.data() + c, scratch.data()});
    k.of<T>().normalise_backward(shape, {weight.data(), bias.data(), nullptr},
                                 {x.data(), dy.data(), extra.data(), dx.data(), affine.data(),
                                  affine.data() + c, sums.data(), dshift.data(), scratch.data()});
    return std::vector{as_floats(y), as_floats(dx), sums, dshift};
  };
  compare_levels(outcome, [&](const auto& got, const auto& plain) {
    // Sums over pixels, then over a group's channels; dz is stored on the way to dx.
    const double roundings = double(pixels + channels / 4 + 16);
    const double sigmoid = activation == kernel::Activation::none ? 0 : 2e-4 / u;
    CHECK(distance(got[0], plain[0]) < tolerance<T>(roundings, 1));
    CHECK(distance(got[1], plain[1]) < tolerance<T>(4 * roundings, 2));
    CHECK(distance(got[2], plain[2]) < tolerance<T>(4 * roundings, 2 * sigmoid));
    // What the sums leave is smaller than they are.
    CHECK(distance(got[3], plain[3]) < 10 * tolerance<T>(4 * roundings, 2 * sigmoid));
  });
}

namespace {

/// What a kernel makes of one head: y, then dq, dk and dv.
template <class T>
std::vector<float> head_outcome(const kernel::Attention<T>& attention, const Head& head,
                                const std::vector<T>& qkv, const std::vector<T>& dy) {
  std::vector<T> y(dy.size()), dqkv(qkv.size());
  std::vector<float> kept(2 * std::size_t(head.lane_tokens()));
  const kernel::Softmax softmax{kept.data(), kept.data() + head.lane_tokens()};
  const std::int64_t floats =
      std::max(attention.forward_floats(head), attention.backward_floats(head));
  const nn::Tensor scratch(nn::Dims{floats + 16});  // aligned
  std::ranges::fill(scratch.floats(), std::numeric_limits<float>::quiet_NaN());
  scratch.floats().last(16)[0] = 7;
  const auto x = kernel::Parts<const T>::of(qkv.data(), head.size);
  attention.forward(head, {x, {y.data(), head.size}, softmax}, scratch.as<float>());
  std::ranges::fill(scratch.floats().first(std::size_t(floats)), 1e30f);
  attention.backward(head,
                     {x,
                      {y.data(), head.size},
                      {dy.data(), head.size},
                      softmax,
                      kernel::Parts<T>::of(dqkv.data(), head.size)},
                     scratch.as<float>());
  CHECK(scratch.floats().last(16)[0] == 7);  // it kept to its scratch
  std::vector<float> outcome = as_floats(y);
  std::ranges::copy(as_floats(dqkv), std::back_inserter(outcome));
  return outcome;
}

}  // namespace

TEST_CASE("attention agrees at every level", "[kernels]") {
  const std::int64_t size = GENERATE(1, 8, 12, 64), tokens = GENERATE(1, 2, 35, 64, 259, 300);
  CAPTURE(size, tokens);
  const Head head{tokens, size, size};
  const std::size_t count = std::size_t(tokens * size);
  auto twice = random_elements<float>(3 * count, 1);
  for (float& value : twice) value *= 2;  // weights far from equal
  std::vector<BFloat16> qkv(twice.size());
  kernels_at(InstructionSet::baseline)
      ->narrow(std::int64_t(twice.size()), twice.data(), qkv.data());
  const auto dy = random_elements<BFloat16>(count, 2);
  const auto exact_qkv = as_floats(qkv), exact_dy = as_floats(dy);
  const auto exact = head_outcome(kernels_at(InstructionSet::baseline)->float32.attention, head,
                                  exact_qkv, exact_dy);
  for (const InstructionSet level : levels_here()) {
    const std::string name(name_of(level));
    CAPTURE(name);
    const auto check = [&](const std::vector<float>& got, double y, double derivatives) {
      const std::span all(got), plain(exact);
      CHECK(distance(all.first(count), plain.first(count)) < y);
      CHECK(distance(all.subspan(count), plain.subspan(count)) < derivatives);
    };
    const Kernels& k = *kernels_at(level);
    // Scores are sums over channels; an error of a score is a relative one of its weight.
    const double roundings = double(tokens + 8 * size + 16) * 0x1p-24;
    check(head_outcome(k.float32.attention, head, exact_qkv, exact_dy), roundings, 4 * roundings);
    // The result; and weights, their slopes and y where they multiply.
    check(head_outcome(k.bfloat16.attention, head, qkv, dy), 2 * u, 4 * u);
  }
}
