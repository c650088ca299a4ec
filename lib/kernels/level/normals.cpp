// Box and Muller's normals, 32 blocks of Philox side by side (lib/rng/normal.hpp).
#include <cstring>
#include <numbers>

#include "lib/kernels/level/level.hpp"
#include "lib/kernels/level/philox.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {
namespace {

constexpr int per_block = 4;

/// Natural logarithm of u in [2^-32, 1], to 1.5 ulp. The mantissa is taken to
/// [sqrt(1/2), sqrt(2)); the polynomial is a minimax fit to log(1 + f) there.
float log_unit(float u) {
  const auto bits = __builtin_bit_cast(std::int32_t, u);
  const std::int32_t exponent =
      (bits - __builtin_bit_cast(std::int32_t, std::numbers::sqrt2_v<float> / 2)) >> 23;
  const float f = __builtin_bit_cast(float, bits - exponent * (1 << 23)) - 1;
  const float p = ((((((0.089177825f * f - 0.14350188f) * f + 0.14876983f) * f - 0.16565636f) * f +
                     0.19965397f) *
                        f -
                    0.25001746f) *
                       f +
                   0.3333386f);
  return float(exponent) * std::numbers::ln2_v<float> + (f - f * f * (0.5f - f * p));
}

/// sqrt(-2 log u) with u in (0, 1]: never the logarithm of 0.
void radius(const Words& bits, Floats& r) {
  for (int i = 0; i < blocks; ++i) {
    const float u = (float(std::int32_t(bits[i] >> 1)) + 0.5f) * 0x1p-31f;
    r[i] = __builtin_sqrtf(-2 * log_unit(u));
  }
}

/// r cos a and r sin a for a = 2 pi bits 2^-32: the two top bits (rounded) give
/// the quadrant, the rest an angle in [-pi/4, pi/4) for minimax polynomials.
void rotate(const Words& bits, const Floats& r, Floats& cosine, Floats& sine) {
  for (int i = 0; i < blocks; ++i) {
    const std::uint32_t quadrant = (bits[i] + (1u << 29)) >> 30;
    const float x =
        float(std::int32_t(bits[i] - (quadrant << 30))) * (std::numbers::pi_v<float> * 0x1p-31f);
    const float z = x * x;
    const float s = x + x * z * ((-0.00019517298f * z + 0.008332178f) * z - 0.16666655f);
    const float c = 1 - z * (0.5f - z * ((2.443845e-05f * z - 0.0013887368f) * z + 0.041666646f));
    const bool swap = quadrant & 1;
    const float a = swap ? s : c, b = swap ? c : s;
    cosine[i] = r[i] * (((quadrant + 1) & 2) ? -a : a);
    sine[i] = r[i] * ((quadrant & 2) ? -b : b);
  }
}

/// The normals of blocks `block` .. `block` + 31, in stream order.
void normals(std::uint32_t block, const PhiloxStream& stream, float* out) {
  Words c[4];
  philox(stream, block, c);
  Floats r, z[per_block];
  radius(c[0], r);
  rotate(c[1], r, z[0], z[1]);
  radius(c[2], r);
  rotate(c[3], r, z[2], z[3]);
  for (int i = 0; i < blocks; ++i)
    for (int k = 0; k < per_block; ++k) out[i * per_block + k] = z[k][i];
}

}  // namespace

void fill_normal(const PhiloxStream& stream, std::uint64_t first, float* out, std::size_t count) {
  constexpr std::size_t batch = blocks * per_block;
  std::size_t done = 0;
  while (done < count) {
    const std::uint64_t at = first + done;
    const auto block = std::uint32_t(at / per_block);
    const std::size_t skip = at % per_block, left = count - done;
    if (skip == 0 && left >= batch) {
      normals(block, stream, out + done);
      done += batch;
    } else {
      float buffer[batch];
      normals(block, stream, buffer);
      const std::size_t take = left < batch - skip ? left : batch - skip;
      std::memcpy(out + done, buffer + skip, take * sizeof(float));
      done += take;
    }
  }
}

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
