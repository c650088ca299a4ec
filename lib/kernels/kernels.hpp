// Our own inner loops. They are compiled once for each instruction set: layers say what is
// computed, this table says how. Each entry is one image, one head or one range of elements,
// on the calling thread.
//
// The sources of every level (level/) include this header and those that it includes. Every
// function in them is therefore [[gnu::always_inline]]: of any other the linker would keep
// one level's copy for all, and a plain processor might get the richest.
#pragma once
#include <cstddef>
#include <cstdint>

#include "lib/base/instruction_set.hpp"
#include "lib/kernels/attention.hpp"
#include "lib/kernels/bfloat16.hpp"
#include "lib/kernels/norm.hpp"
#include "lib/kernels/pool.hpp"
#include "lib/kernels/products.hpp"
#include "lib/kernels/random.hpp"

namespace diffusion {
namespace kernel {

/// Of `count` / 2 pairs: of each element the cosine, and what its neighbour is multiplied by, -sine
/// and sine.
struct Turns {
  std::int64_t count;
  const float *cosines, *sines;
  float direction = 1;  // -1: back
};

template <class T>
struct Gated {
  const T *x, *y;
  const float* gate;
  T* z;
};

template <class T>
struct GatedBackward {
  const T *dz, *y;
  const float* gate;
  T* dy;
  float* dgate;
};

/// A row and those above and below it, null outside the image, where all is zero.
template <class T>
struct BlurRows {
  const T *above, *here, *below;
  float* scratch;  // a row
  T* to;
};

/// Of elements of type T; arithmetic is float32.
template <class T>
struct Typed {
  Attention<T> attention;

  /// activation(weight * normalised(x + shift) + bias)
  void (*normalise)(const NormShape& shape, const NormChannels& channels, const NormForward<T>& at);
  void (*normalise_backward)(const NormShape& shape, const NormChannels& channels,
                             const NormBackward<T>& at);

  void (*normalise_pixels)(const LayerNormShape& shape, const LayerNormForward<T>& at);
  void (*normalise_pixels_backward)(const LayerNormShape& shape, const LayerNormBackward<T>& at);

  /// z = x + gate y, pixels x channels, with a gate for each channel.
  void (*add_gated)(std::int64_t pixels, std::int64_t channels, const Gated<T>& at);
  /// dy = gate dz; and dgate += the sums of y dz over the pixels.
  void (*add_gated_backward)(std::int64_t pixels, std::int64_t channels,
                             const GatedBackward<T>& at);

  /// x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), and dx from dy.
  void (*gelu)(std::int64_t count, const T* x, T* y);
  void (*gelu_backward)(std::int64_t count, const T* x, const T* dy, T* dx);

  /// Turns pairs of neighbours: (a, b) becomes (a cos - b sin, b cos + a sin). To may be from.
  void (*rotate)(const Turns& turns, const T* from, T* to);

  /// y = silu(a) b, of a and b side by side; and both derivatives, side by side.
  void (*swiglu)(std::int64_t channels, const T* x, T* y);
  void (*swiglu_backward)(std::int64_t channels, const T* x, const T* dy, T* dx);

  /// to += from
  void (*add)(std::int64_t count, const T* from, T* to);
  /// to = factor from + offset
  void (*affine)(std::int64_t count, const T* from, float factor, float offset, T* to);
  /// The sums of 2 x 2 pixels, of two rows of 2 * width pixels: width x channels.
  void (*add_quads)(std::int64_t width, std::int64_t channels, const T* rows, T* to);
  /// A row of `width` pixels, weighted by 1/4, 1/2, 1/4 with its neighbours both ways.
  void (*blur_row)(std::int64_t width, std::int64_t channels, const BlurRows<T>& at);
  /// At most drop_group elements, whose first block is number `block` of the stream.
  void (*drop)(const PhiloxStream& stream, std::uint32_t block, const DropRule& rule,
               std::int64_t count, T* x);

  /// The largest of each window, of values that are not negative. Scratch: a row of x.
  void (*pool_largest)(const PoolShape& shape, const T* x, T* scratch, T* y);
  /// max(0, mean of each window + bias). Scratch: a row of x.
  void (*pool_means)(const PoolShape& shape, const float* x, const float* bias, float* scratch,
                     T* y);
  /// The sum of `rows` rows of `count`, one after the other.
  void (*add_rows)(std::int64_t rows, std::int64_t count, const T* from, float* to);
};

}  // namespace kernel

struct Kernels {
  kernel::Typed<float> float32;
  kernel::Typed<BFloat16> bfloat16;

  /// Normals number `first`, `first` + 1, ... of a stream (lib/rng/normal.hpp). The same bits
  /// at every level.
  void (*fill_normal)(const kernel::PhiloxStream& stream, std::uint64_t first, float* out,
                      std::size_t count);

  /// Exact; and to the nearest, ties to even.
  void (*widen)(std::int64_t count, const BFloat16* from, float* to);
  void (*narrow)(std::int64_t count, const float* from, BFloat16* to);

  /// Of each element, and dx from dy.
  void (*activate)(kernel::Activation activation, std::int64_t count, const float* x, float* y);
  void (*activate_backward)(kernel::Activation activation, std::int64_t count, const float* x,
                            const float* dy, float* dx);

  /// c (rows x columns, `row` floats apart) = a b, where a is rows x inner with any
  /// strides and b inner x columns with contiguous rows.
  void (*multiply)(kernel::ProductSize size, kernel::ConstMatrix a, kernel::ConstMatrix b, float* c,
                   std::int64_t row);
  /// c += a b
  void (*multiply_add)(kernel::ProductSize size, kernel::ConstMatrix a, kernel::ConstMatrix b,
                       float* c, std::int64_t row);
  /// c = a b^T, where a is rows x inner and b columns x inner, both with contiguous
  /// rows: products of rows with rows.
  void (*multiply_rows)(kernel::ProductSize size, kernel::ConstMatrix a, kernel::ConstMatrix b,
                        float* c, std::int64_t row);

  /// Values in [-1, 1], and what lies beyond, to samples of 8 and 16 bits; NaN to 0.
  void (*to_samples_of_8)(std::int64_t count, const float* values, std::uint8_t* samples);
  void (*to_samples_of_16)(std::int64_t count, const float* values, std::uint16_t* samples);
  /// to += scale from
  void (*add_scaled)(std::int64_t count, float scale, const float* from, float* to);
  /// In double and in a fixed order, the same bits at every level.
  double (*squared_distance)(std::int64_t count, const float* x, const float* y);

  /// Those of one type.
  template <class T>
  [[gnu::always_inline]] const kernel::Typed<T>& of() const {
    if constexpr (sizeof(T) == sizeof(BFloat16))
      return bfloat16;
    else
      return float32;
  }
};

/// Those of the instruction set in use.
const Kernels& kernels();

/// Those of a level, which the processor must have to run them; null where the level was not
/// compiled, as it is no part of the processor's kind.
const Kernels* kernels_at(InstructionSet level);

}  // namespace diffusion
