#include "lib/image/pixels.hpp"

#include <limits>

#include "lib/kernels/kernels.hpp"

namespace diffusion {
namespace {

template <class Sample>
constexpr float half_range = float(std::numeric_limits<Sample>::max()) / 2;

template <class Sample>
void widen(std::span<const Sample> samples, float* out) {
  for (std::size_t i = 0; i < samples.size(); ++i)
    out[i] = float(samples[i]) / half_range<Sample> - 1;
}

}  // namespace

void to_values(std::span<const std::uint8_t> samples, float* out) { widen(samples, out); }
void to_values(std::span<const std::uint16_t> samples, float* out) { widen(samples, out); }
void to_values(std::span<const float> samples, float* out) {
  for (std::size_t i = 0; i < samples.size(); ++i) out[i] = 2 * samples[i] - 1;
}

void to_samples(std::span<const float> values, std::uint8_t* out) {
  kernels().to_samples_of_8(std::int64_t(values.size()), values.data(), out);
}
void to_samples(std::span<const float> values, std::uint16_t* out) {
  kernels().to_samples_of_16(std::int64_t(values.size()), values.data(), out);
}
void to_samples(std::span<const float> values, float* out) {
  for (std::size_t i = 0; i < values.size(); ++i) out[i] = (values[i] + 1) / 2;
}

}  // namespace diffusion
