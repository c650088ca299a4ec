// What the make.py of tests/data/NETWORK wrote: what others compute with the same weights.
#pragma once
#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "lib/base/file.hpp"
#include "lib/base/json.hpp"
#include "lib/nn/parameters.hpp"
#include "lib/nn/tensor.hpp"
#include "tests/nn/gradients.hpp"
#include "tests/support/catch.hpp"

namespace diffusion::test {

/// The configuration, and arrays one after the other.
struct NetworkReference {
  Json config;
  std::vector<float> numbers;
  std::size_t at = 0;

  /// A file of numbers, beside one of the configuration or alone.
  enum class Holds { config, numbers };

  explicit NetworkReference(const std::string& name, Holds holds = Holds::config) {
    const std::string path = std::string(TEST_DATA_DIR) + "/" + name;
    if (holds == Holds::config) config = read_json(path + ".json");
    const std::string bytes = read_file(path + ".f32");
    numbers.resize(bytes.size() / sizeof(float));
    std::memcpy(numbers.data(), bytes.data(), bytes.size());
  }

  std::span<const float> next(std::size_t count) {
    REQUIRE(at + count <= numbers.size());
    at += count;
    return std::span(numbers).subspan(at - count, count);
  }

  nn::Tensor tensor(nn::Dims dims) {
    nn::Tensor t(dims);
    std::ranges::copy(next(dims.count()), t.floats().begin());
    return t;
  }
};

inline std::vector<const nn::Param*> sorted(const nn::Parameters& parameters) {
  std::vector<const nn::Param*> all;
  for (const auto& param : parameters.all()) all.push_back(&param);
  std::ranges::sort(all, {}, &nn::Param::name);
  return all;
}

/// Against those that come next, sorted by name, which end the reference. Some are exactly zero but
/// for rounding: of keys' biases, which move all scores of a query alike, and of scores among one
/// pixel.
inline void check_derivatives(nn::Gradients& gradients, const nn::Parameters& parameters,
                              NetworkReference& reference) {
  std::vector<std::span<const float>> derivatives;
  double largest = 0;
  for (const nn::Param* param : sorted(parameters)) {
    derivatives.push_back(reference.next(param->size));
    largest = std::max(largest, nn::norm(derivatives.back()));
  }
  auto next = derivatives.begin();
  for (const nn::Param* param : sorted(parameters)) {
    CAPTURE(param->name);
    const std::span<const float> derivative = *next++;
    const double norm = std::max(nn::norm(derivative), 1e-3 * largest);
    CHECK(nn::distance(gradients.of(*param), derivative) < 2e-5 * norm);
  }
  CHECK(reference.at == reference.numbers.size());
}

}  // namespace diffusion::test
