#include "lib/nn/rotary.hpp"

#include <cmath>

#include "lib/base/parallel.hpp"
#include "lib/kernels/kernels.hpp"
#include "lib/nn/elementwise.hpp"

namespace diffusion::nn {

RotaryTable rotary_table(const layers::Rotary& shape) {
  const std::int64_t half = shape.size / 2;
  RotaryTable table;
  const auto add = [&](std::int64_t place) {
    for (std::int64_t i = 0; i < half / 2; ++i) {
      const double angle = double(place) * std::pow(10000.0, -2.0 * double(i) / double(half));
      const float cosine = float(std::cos(angle)), sine = float(std::sin(angle));
      table.cosines.insert(table.cosines.end(), {cosine, cosine});
      table.sines.insert(table.sines.end(), {-sine, sine});
    }
  };
  for (std::int64_t row = 0; row < shape.height; ++row)
    for (std::int64_t column = 0; column < shape.width; ++column) {
      add(row);
      add(column);
    }
  return table;
}

Tensor RotaryTurns::turned(const Tensor& x, float direction) const {
  const Dims d = x.dims();
  const std::int64_t size = shape_.size, pixels = shape_.height * shape_.width;
  const Tensor y = copied(x);
  with_type(x.dtype(), [&]<class T>(T) {
    parallel_for(std::size_t(d.n), [&](std::size_t n) {
      T* to = y.as<T>() + (std::int64_t(n) * (shape_.context + pixels) + shape_.context) * d.c;
      for (std::int64_t p = 0; p < pixels; ++p, to += d.c)
        for (std::int64_t head = 0; head < 2 * shape_.heads; ++head)
          kernels().of<T>().rotate(
              {size, table_.cosines.data() + p * size, table_.sines.data() + p * size, direction},
              to + head * size, to + head * size);
    });
  });
  return y;
}

}  // namespace diffusion::nn
