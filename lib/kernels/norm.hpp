// Normalisations of one image, as the kernels that compute them see them.
#pragma once
#include <cstdint>

namespace diffusion::kernel {

/// x sigmoid(x); x tanh(log(1 + e^x)) (Misra, "Mish: A Self Regularized Non-Monotonic Activation
/// Function", 2019); x / 2 (1 + erf(x / sqrt(2))) (Hendrycks and Gimpel, "Gaussian Error Linear
/// Units", 2016); max(0, x).
enum class Activation { none, silu, mish, gelu, relu };

/// Group normalisation.
struct NormShape {
  std::int64_t pixels, channels, groups;
  float eps;
  Activation activation;
};

/// Of each channel: parameters, and the shift before the normalisation, or null.
struct NormChannels {
  const float *weight, *bias, *shift;
};

template <class T>
struct NormForward {
  const T* x;
  T* y;
  float *scale, *offset;  // of each channel, computed too: normalised = scale x + offset
  float* scratch;         // two floats a channel
};

template <class T>
struct NormBackward {
  const T *x, *dy;
  const T* add;  // to the result, or null
  T* dx;         // may be dy
  const float *scale, *offset;
  float* sums;     // of each channel, over the pixels, computed too: dz; dz times normalised x;
                   // and normalised x; where z = weight * normalised + bias
  float* dshift;   // or null
  float* scratch;  // three floats a channel
};

/// Layer normalisation: of each pixel over its channels.
struct LayerNormShape {
  std::int64_t pixels, channels;
  float eps;
  bool centred;  // or by the root of the mean square alone
};

template <class T>
struct LayerNormForward {
  const T* x;
  T* y;
  const float *factor, *offset;  // of each channel: y = factor normalised + offset
  float* statistics;             // of each pixel, computed too: mean, and 1 / deviation
};

template <class T>
struct LayerNormBackward {
  const T *x, *dy;
  const T* add;  // to the result, or null
  T* dx;         // may be dy
  const float *factor, *statistics;
  float *dfactor, *doffset;  // sums over the pixels are added to them
};

}  // namespace diffusion::kernel
