#include "lib/image/pixels.hpp"

#include <limits>

namespace diffusion {
namespace {

template <class Sample>
constexpr float half_range = float(std::numeric_limits<Sample>::max()) / 2;

template <class Sample>
void widen(std::span<const Sample> samples, float* out) {
  for (std::size_t i = 0; i < samples.size(); ++i)
    out[i] = float(samples[i]) / half_range<Sample> - 1;
}

template <class Sample>
void narrow(std::span<const float> values, Sample* out) {
  constexpr float most = std::numeric_limits<Sample>::max();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float sample = (values[i] + 1) * half_range<Sample> + 0.5f;
    const float above = sample > 0 ? sample : 0;  // NaN too
    out[i] = Sample(int(above < most ? above : most));
  }
}

}  // namespace

void to_values(std::span<const std::uint8_t> samples, float* out) { widen(samples, out); }
void to_values(std::span<const std::uint16_t> samples, float* out) { widen(samples, out); }
void to_values(std::span<const float> samples, float* out) {
  for (std::size_t i = 0; i < samples.size(); ++i) out[i] = 2 * samples[i] - 1;
}

void to_samples(std::span<const float> values, std::uint8_t* out) { narrow(values, out); }
void to_samples(std::span<const float> values, std::uint16_t* out) { narrow(values, out); }
void to_samples(std::span<const float> values, float* out) {
  for (std::size_t i = 0; i < values.size(); ++i) out[i] = (values[i] + 1) / 2;
}

}  // namespace diffusion
