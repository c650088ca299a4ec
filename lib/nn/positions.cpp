#include "lib/nn/positions.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/parallel.hpp"
#include "lib/kernels/kernels.hpp"
#include "lib/nn/elementwise.hpp"

namespace diffusion::nn {

std::vector<float> position_table(const layers::Positions& shape) {
  const std::int64_t quarter = shape.channels / 4;
  std::vector<float> table;
  table.reserve(std::size_t(shape.height * shape.width * shape.channels));
  const auto add = [&](std::int64_t place) {
    const auto angle = [&](std::int64_t i) {
      return double(place) * std::pow(10000.0, -double(i) / double(quarter));
    };
    for (std::int64_t i = 0; i < quarter; ++i) table.push_back(float(std::sin(angle(i))));
    for (std::int64_t i = 0; i < quarter; ++i) table.push_back(float(std::cos(angle(i))));
  };
  for (std::int64_t row = 0; row < shape.height; ++row)
    for (std::int64_t column = 0; column < shape.width; ++column) {
      add(column);
      add(row);
    }
  return table;
}

PositionSum::PositionSum(const layers::Positions& shape)
    : table_(Dims{1, shape.height, shape.width, shape.channels}) {
  std::ranges::copy(position_table(shape), table_.floats().begin());
}

Tensor PositionSum::forward(const Tensor& x) const {
  const Tensor y = copied(x), table = converted(table_, x.dtype());
  const auto each = std::int64_t(table.count());
  with_type(x.dtype(), [&]<class T>(T) {
    parallel_for(std::size_t(x.dims().n), [&](std::size_t n) {
      kernels().of<T>().add(each, table.as<T>(), y.as<T>() + std::int64_t(n) * each);
    });
  });
  return y;
}

}  // namespace diffusion::nn
