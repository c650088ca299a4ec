// Loops over the pixels and features of whole pictures. Plain loops, which vectorise.
#include "lib/kernels/level/level.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {
namespace {

template <class Sample>
[[gnu::always_inline]] inline void narrow(std::int64_t count, const float* values,
                                          Sample* samples) {
  constexpr float most = float(Sample(-1)), half_range = most / 2;
  for (std::int64_t i = 0; i < count; ++i) {
    const float sample = (values[i] + 1) * half_range + 0.5f;
    const float above = sample > 0 ? sample : 0;  // NaN too
    samples[i] = Sample(int(above < most ? above : most));
  }
}

}  // namespace

void to_samples_of_8(std::int64_t count, const float* values, std::uint8_t* samples) {
  narrow(count, values, samples);
}

void to_samples_of_16(std::int64_t count, const float* values, std::uint16_t* samples) {
  narrow(count, values, samples);
}

void add_scaled(std::int64_t count, float scale, const float* from, float* to) {
  for (std::int64_t i = 0; i < count; ++i) to[i] += scale * from[i];
}

double squared_distance(std::int64_t count, const float* x, const float* y) {
  constexpr std::int64_t sums_at_once = 8;
  double sums[sums_at_once] = {};
  std::int64_t i = 0;
  for (; i + sums_at_once <= count; i += sums_at_once)
    for (std::int64_t k = 0; k < sums_at_once; ++k) {
      const double difference = double(x[i + k]) - double(y[i + k]);
      sums[k] += difference * difference;
    }
  for (; i < count; ++i) {
    const double difference = double(x[i]) - double(y[i]);
    sums[0] += difference * difference;
  }
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
