// Kernels in which no multiply and add are fused: every level gives the same bits.
#include <limits>

#include "lib/base/fnv1a.hpp"
#include "tests/kernels/levels.hpp"

using namespace diffusion;

namespace {

constexpr std::int64_t elements = 1003;  // whole vectors and a rest

template <class T, class Run>
void check_map(const Run& run) {
  const std::vector<T> x = random_elements<T>(elements, 1);
  compare_levels(
      [&](const Kernels& k) {
        std::vector<T> y = random_elements<T>(elements, 2);
        run(k, k.of<T>(), x.data(), y.data());
        return y;
      },
      check_same_bits<T>);
}

}  // namespace

// Part of the file contracts: another sum is a new format version.
TEST_CASE("normals are the same bits at every level", "[kernels]") {
  for (const InstructionSet level : levels_here()) {
    const std::string name(name_of(level));
    CAPTURE(name);
    std::vector<float> values(1 << 20);
    std::uint64_t sum = 0;
    for (std::uint32_t step = 0; step < 4; ++step) {
      kernels_at(level)->fill_normal({{0x01234567u * step, 0x89abcdefu}, step, 7, 0}, 3 * step,
                                     values.data(), values.size());
      sum = sum * 31 +
            fnv1a({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
    }
    CHECK(sum == 0x6f73a8d1736b877c);
  }
}

TEMPLATE_TEST_CASE("sums and maps of elements are the same bits at every level", "[kernels]", float,
                   BFloat16) {
  using T = TestType;
  check_map<T>([](const auto&, const auto& of, const T* x, T* y) { of.add(elements, x, y); });
  check_map<T>([](const auto&, const auto& of, const T* x, T* y) {
    of.affine(elements, x, 0.3f, -1.7f, y);
  });
  check_map<T>([](const auto&, const auto& of, const T* x, T* y) { of.add_quads(3, 83, x, y); });
  for (const bool inside : {false, true})
    check_map<T>([=](const auto&, const auto& of, const T* x, T* y) {
      std::vector<float> row(5 * 37);
      of.blur_row(5, 37,
                  {inside ? x : nullptr, x + 185, inside ? x + 370 : nullptr, row.data(), y});
    });
  check_map<T>([](const auto&, const auto& of, const T*, T* y) {
    of.drop({{1, 2}, 3, 4, 5}, 6, {20000, 1.5f}, 123, y);
  });
}

TEST_CASE("dropout's mask is that of its address at every level", "[kernels]") {
  for (const InstructionSet level : levels_here()) {
    std::vector<float> x(std::size_t(kernel::drop_group), 1.0f);
    kernels_at(level)->float32.drop({{1, 2}, 3, 4, 5}, 6, {20000, 1.5f}, kernel::drop_group,
                                    x.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t unit = i / 128, half = i % 128 / 16;
      const auto words = philox4x32({std::uint32_t(6 + 16 * unit + i % 16), 3, 4, 5}, {1, 2});
      CHECK(x[i] == ((words[half / 2] >> (16 * (half % 2)) & 0xffff) < 20000 ? 0.0f : 1.5f));
    }
  }
}

TEST_CASE("activations are the same bits at every level", "[kernels]") {
  using enum kernel::Activation;
  const auto activation = GENERATE(none, silu, mish, gelu, relu);
  check_map<float>([=](const Kernels& k, const auto&, const float* x, float* y) {
    k.activate(activation, elements, x, y);
  });
  check_map<float>([=](const Kernels& k, const auto&, const float* x, float* y) {
    k.activate_backward(activation, elements, x, std::vector<float>(y, y + elements).data(), y);
  });
}

TEST_CASE("bfloat16 rounds alike at every level", "[kernels]") {
  std::vector<float> x = random_elements<float>(elements, 1);
  const float infinity = std::numeric_limits<float>::infinity();
  std::size_t at = 0;
  for (const float special : {1 + 0x1p-8f, 1 + 0x3p-8f, 3.4e38f, -infinity, -0.0f, 0x1p-126f})
    x[at++] = special;
  compare_levels(
      [&](const Kernels& k) {
        std::vector<BFloat16> y(elements);
        k.narrow(elements, x.data(), y.data());
        return y;
      },
      check_same_bits<BFloat16>);
  const auto narrow = random_elements<BFloat16>(elements, 2);
  compare_levels(
      [&](const Kernels& k) {
        std::vector<float> y(elements);
        k.widen(elements, narrow.data(), y.data());
        return y;
      },
      [&](const std::vector<float>& y, const std::vector<float>&) {
        check_same_bits(y, as_floats(narrow));
      });
}

TEMPLATE_TEST_CASE("pooling is the same bits at every level", "[kernels]", float, BFloat16) {
  using T = TestType;
  const kernel::Windows windows = GENERATE(kernel::Windows{2, 0}, kernel::Windows{1, 1});
  const std::int64_t height = 7, width = 9, channels = GENERATE(3, 16, 37);
  const kernel::PoolShape shape{height, width, channels, windows, channels + 5};
  const std::size_t size = std::size_t(height * width * channels);
  const std::size_t results =
      std::size_t(windows.count(height) * windows.count(width) * (channels + 5));
  auto x = random_elements<T>(size, 1);
  for (T& value : x)
    if (widened(value) < 0) value = T{};
  const auto exact = random_elements<float>(size, 2), bias = random_elements<float>(37, 3);
  compare_levels(
      [&](const Kernels& k) {
        std::vector<T> y(results), row(std::size_t(width * channels));
        k.of<T>().pool_largest(shape, x.data(), row.data(), y.data());
        return y;
      },
      check_same_bits<T>);
  compare_levels(
      [&](const Kernels& k) {
        std::vector<T> y(results);
        std::vector<float> row(std::size_t(width * channels));
        k.of<T>().pool_means(shape, exact.data(), bias.data(), row.data(), y.data());
        return y;
      },
      check_same_bits<T>);
  compare_levels(
      [&](const Kernels& k) {
        std::vector<float> y(static_cast<std::size_t>(channels));
        k.of<T>().add_rows(width, channels, x.data(), y.data());
        return y;
      },
      check_same_bits<float>);
}

TEMPLATE_TEST_CASE("samples of pictures are the same at every level", "[kernels]", std::uint8_t,
                   std::uint16_t) {
  using T = TestType;
  auto values = random_elements<float>(elements, 1);
  const float infinity = std::numeric_limits<float>::infinity();
  std::size_t at = 0;
  for (const float special : {-1.0f, 1.0f, infinity, -infinity, infinity - infinity})
    values[at++] = special;
  const auto outcome = [&](const Kernels& k) {
    std::vector<T> samples(elements);
    if constexpr (sizeof(T) == 1)
      k.to_samples_of_8(elements, values.data(), samples.data());
    else
      k.to_samples_of_16(elements, values.data(), samples.data());
    return samples;
  };
  compare_levels(outcome, check_same_bits<T>);
  const std::vector<T> samples = outcome(*kernels_at(InstructionSet::baseline));
  const T most = std::numeric_limits<T>::max();
  CHECK(std::vector<T>(samples.begin(), samples.begin() + 5) ==
        std::vector<T>{0, most, most, 0, 0});
}

TEST_CASE("rows' sums and distances are the same bits at every level", "[kernels]") {
  check_map<float>([](const Kernels& k, const auto&, const float* x, float* y) {
    k.add_scaled(elements, 0.3f, x, y);
  });
  const auto x = random_elements<float>(elements, 1), y = random_elements<float>(elements, 2);
  compare_levels(
      [&](const Kernels& k) {
        return std::vector<double>{k.squared_distance(elements, x.data(), y.data()),
                                   k.squared_distance(elements, y.data(), x.data())};
      },
      [](const std::vector<double>& got, const std::vector<double>& plain) {
        check_same_bits(got, plain);
        CHECK(got[0] == got[1]);
      });
}
