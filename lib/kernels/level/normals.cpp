// Box and Muller's normals, 32 blocks of Philox side by side (lib/rng/normal.hpp).
#include <cstring>
#include <numbers>

#include "lib/kernels/level/level.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {
namespace {

/// Blocks computed side by side. All loops over lanes are independent, so that
/// compilers vectorise them at any width; loops of 16 or fewer GCC 12 unrolls
/// before it looks for vectors, and the products then stay scalar.
constexpr int lanes = 32;
constexpr int per_block = 4;
template <class T>
struct alignas(64) Lanes {
  T lane[lanes];
  T& operator[](int i) { return lane[i]; }
  const T& operator[](int i) const { return lane[i]; }
};
using Words = Lanes<std::uint32_t>;
using Floats = Lanes<float>;

void multiply(std::uint32_t m, const Words& x, Words& high, Words& low) {
  for (int i = 0; i < lanes; ++i) {
    const std::uint64_t product = std::uint64_t(m) * x[i];
    high[i] = std::uint32_t(product >> 32);
    low[i] = std::uint32_t(product);
  }
}

void philox(Words (&c)[4], std::uint32_t k0, std::uint32_t k1) {
  for (int round = 0; round < philox_rounds; ++round) {
    Words a_high, a_low, b_high, b_low;
    multiply(philox_multiplier[0], c[0], a_high, a_low);
    multiply(philox_multiplier[1], c[2], b_high, b_low);
    for (int i = 0; i < lanes; ++i) {
      c[0][i] = b_high[i] ^ c[1][i] ^ k0;
      c[2][i] = a_high[i] ^ c[3][i] ^ k1;
    }
    c[1] = b_low;
    c[3] = a_low;
    k0 += philox_weyl[0];
    k1 += philox_weyl[1];
  }
}

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
  for (int i = 0; i < lanes; ++i) {
    const float u = (float(std::int32_t(bits[i] >> 1)) + 0.5f) * 0x1p-31f;
    r[i] = __builtin_sqrtf(-2 * log_unit(u));
  }
}

/// r cos a and r sin a for a = 2 pi bits 2^-32: the two top bits (rounded) give
/// the quadrant, the rest an angle in [-pi/4, pi/4) for minimax polynomials.
void rotate(const Words& bits, const Floats& r, Floats& cosine, Floats& sine) {
  for (int i = 0; i < lanes; ++i) {
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

/// The normals of blocks `block` .. `block` + lanes - 1, in stream order.
void normals(std::uint32_t block, const PhiloxStream& stream, float* out) {
  Words c[4];
  for (int i = 0; i < lanes; ++i) {
    c[0][i] = block + std::uint32_t(i);
    c[1][i] = stream.c1;
    c[2][i] = stream.c2;
    c[3][i] = stream.c3;
  }
  philox(c, stream.key[0], stream.key[1]);
  Floats r, z[per_block];
  radius(c[0], r);
  rotate(c[1], r, z[0], z[1]);
  radius(c[2], r);
  rotate(c[3], r, z[2], z[3]);
  for (int i = 0; i < lanes; ++i)
    for (int k = 0; k < per_block; ++k) out[i * per_block + k] = z[k][i];
}

}  // namespace

void fill_normal(const PhiloxStream& stream, std::uint64_t first, float* out, std::size_t count) {
  constexpr std::size_t batch = lanes * per_block;
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
