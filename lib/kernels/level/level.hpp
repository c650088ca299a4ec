// What the files of this folder give to the table of their level.
#pragma once
#include "lib/kernels/kernels.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {

/// By vectors of float32, whatever the type in memory.
template <class T>
struct LaneAttention {
  static std::int64_t forward_floats(const Head& head);
  static std::int64_t backward_floats(const Head& head);
  static void forward(const Head& head, const HeadForward<T>& at, float* scratch);
  static void backward(const Head& head, const HeadBackward<T>& at, float* scratch);
};

/// By products of pairs of bfloat16 (AVX512_BF16): weights and their derivatives are
/// rounded to bfloat16 before they multiply, sums are float32.
struct PairAttention {
  static std::int64_t forward_floats(const Head& head);
  static std::int64_t backward_floats(const Head& head);
  static void forward(const Head& head, const HeadForward<BFloat16>& at, float* scratch);
  static void backward(const Head& head, const HeadBackward<BFloat16>& at, float* scratch);
};

// As in the table, for float and BFloat16.
template <class T>
void normalise(const NormShape& shape, const NormChannels& channels, const NormForward<T>& at);
template <class T>
void normalise_backward(const NormShape& shape, const NormChannels& channels,
                        const NormBackward<T>& at);
template <class T>
void normalise_pixels(const LayerNormShape& shape, const LayerNormForward<T>& at);
template <class T>
void normalise_pixels_backward(const LayerNormShape& shape, const LayerNormBackward<T>& at);
template <class T>
void add_gated(std::int64_t pixels, std::int64_t channels, const Gated<T>& at);
template <class T>
void add_gated_backward(std::int64_t pixels, std::int64_t channels, const GatedBackward<T>& at);
template <class T>
void gelu(std::int64_t count, const T* x, T* y);
template <class T>
void gelu_backward(std::int64_t count, const T* x, const T* dy, T* dx);
template <class T>
void rotate(const Turns& turns, const T* from, T* to);
template <class T>
void swiglu(std::int64_t channels, const T* x, T* y);
template <class T>
void swiglu_backward(std::int64_t channels, const T* x, const T* dy, T* dx);
template <class T>
void add(std::int64_t count, const T* from, T* to);
template <class T>
void affine(std::int64_t count, const T* from, float factor, float offset, T* to);
template <class T>
void add_quads(std::int64_t width, std::int64_t channels, const T* rows, T* to);
template <class T>
void blur_row(std::int64_t width, std::int64_t channels, const BlurRows<T>& at);
template <class T>
void drop(const PhiloxStream& stream, std::uint32_t block, const DropRule& rule, std::int64_t count,
          T* x);
template <class T>
void pool_largest(const PoolShape& shape, const T* x, T* scratch, T* y);
template <class T>
void pool_means(const PoolShape& shape, const float* x, const float* bias, float* scratch, T* y);
template <class T>
void add_rows(std::int64_t rows, std::int64_t count, const T* from, float* to);

void fill_normal(const PhiloxStream& stream, std::uint64_t first, float* out, std::size_t count);
void widen(std::int64_t count, const BFloat16* from, float* to);
void narrow(std::int64_t count, const float* from, BFloat16* to);
void activate(Activation activation, std::int64_t count, const float* x, float* y);
void activate_backward(Activation activation, std::int64_t count, const float* x, const float* dy,
                       float* dx);
void multiply(ProductSize size, ConstMatrix a, ConstMatrix b, float* c, std::int64_t row);
void multiply_add(ProductSize size, ConstMatrix a, ConstMatrix b, float* c, std::int64_t row);
void multiply_rows(ProductSize size, ConstMatrix a, ConstMatrix b, float* c, std::int64_t row);
void to_samples_of_8(std::int64_t count, const float* values, std::uint8_t* samples);
void to_samples_of_16(std::int64_t count, const float* values, std::uint16_t* samples);
void add_scaled(std::int64_t count, float scale, const float* from, float* to);
double squared_distance(std::int64_t count, const float* x, const float* y);

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
