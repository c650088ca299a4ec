#include "lib/kernels/level/level.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {
namespace {

template <class Kernel, class T>
constexpr Attention<T> attention{Kernel::forward_floats, Kernel::backward_floats, Kernel::forward,
                                 Kernel::backward};

#ifdef __AVX512BF16__
using BFloat16Attention = PairAttention;
#else
using BFloat16Attention = LaneAttention<BFloat16>;
#endif

template <class T, class OwnAttention>
constexpr Typed<T> typed{.attention = attention<OwnAttention, T>,
                         .normalise = normalise<T>,
                         .normalise_backward = normalise_backward<T>,
                         .normalise_pixels = normalise_pixels<T>,
                         .normalise_pixels_backward = normalise_pixels_backward<T>,
                         .add_gated = add_gated<T>,
                         .add_gated_backward = add_gated_backward<T>,
                         .gelu = gelu<T>,
                         .gelu_backward = gelu_backward<T>,
                         .rotate = rotate<T>,
                         .swiglu = swiglu<T>,
                         .swiglu_backward = swiglu_backward<T>,
                         .add = add<T>,
                         .affine = affine<T>,
                         .add_quads = add_quads<T>,
                         .blur_row = blur_row<T>,
                         .drop = drop<T>,
                         .pool_largest = pool_largest<T>,
                         .pool_means = pool_means<T>,
                         .add_rows = add_rows<T>};

}  // namespace

extern const Kernels table;
constinit const Kernels table{.float32 = typed<float, LaneAttention<float>>,
                              .bfloat16 = typed<BFloat16, BFloat16Attention>,
                              .fill_normal = fill_normal,
                              .widen = widen,
                              .narrow = narrow,
                              .activate = activate,
                              .activate_backward = activate_backward,
                              .multiply = multiply,
                              .multiply_add = multiply_add,
                              .multiply_rows = multiply_rows,
                              .to_samples_of_8 = to_samples_of_8,
                              .to_samples_of_16 = to_samples_of_16,
                              .add_scaled = add_scaled,
                              .squared_distance = squared_distance};

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
