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
#include "tests/support/catch.hpp"

namespace diffusion::test {

/// The configuration, and arrays one after the other.
struct NetworkReference {
  Json config;
  std::vector<float> numbers;
  std::size_t at = 0;

  explicit NetworkReference(const std::string& name) {
    const std::string path = std::string(TEST_DATA_DIR) + "/" + name;
    config = read_json(path + ".json");
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

}  // namespace diffusion::test
