#include "lib/image/resize.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "lib/kernels/kernels.hpp"

namespace diffusion {
namespace {

/// Which inputs make one output: input[first + i] with weight[i], all outputs
/// with the same number of weights, padded with zeros inside the image.
struct Taps {
  std::size_t each = 0;
  std::vector<std::size_t> first;
  std::vector<float> weight;
};

constexpr double bicubic_support = 2;

/// Keys 1981, "Cubic Convolution Interpolation for Digital Image Processing", Eq. 4, a = -1/2.
double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

Taps bicubic_taps(std::size_t in, std::size_t out) {
  const double scale = double(in) / double(out), widening = std::max(1.0, scale);
  const double support = bicubic_support * widening;
  Taps taps;
  taps.each = std::min(in, 2 * std::size_t(std::ceil(support)) + 1);
  taps.first.resize(out);
  taps.weight.assign(out * taps.each, 0);
  std::vector<double> w(taps.each);
  for (std::size_t o = 0; o < out; ++o) {
    const double centre = (double(o) + 0.5) * scale;
    const auto begin = std::size_t(std::max(0.0, std::trunc(centre - support + 0.5)));
    const auto end = std::size_t(std::min(double(in), std::trunc(centre + support + 0.5)));
    const std::size_t first = std::min(begin, in - taps.each);
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i)
      sum += w[i - begin] = bicubic((double(i) - centre + 0.5) / widening);
    taps.first[o] = first;
    for (std::size_t i = begin; i < end; ++i)
      taps.weight[o * taps.each + i - first] = float(w[i - begin] / sum);
  }
  return taps;
}

/// Places are rounded to floats where PyTorch (which multiplies and adds at once) and TensorFlow
/// round them: features that were recorded with them agree only so.
Taps linear_taps(std::size_t in, std::size_t out, Grid grid) {
  const float scale = float(in) / float(out);
  Taps taps;
  taps.each = std::min<std::size_t>(in, 2);
  taps.weight.assign(out * taps.each, 0);
  for (std::size_t o = 0; o < out; ++o) {
    const float centre = float(double(scale) * (double(o) + 0.5) - 0.5);
    const float at = grid == Grid::centres ? std::max(0.f, centre) : float(o) * scale;
    const auto first = std::min(std::size_t(at), in - taps.each);
    const float past = std::min(at - float(first), float(taps.each - 1));
    taps.first.push_back(first);
    taps.weight[o * taps.each] = 1 - past;
    if (taps.each > 1) taps.weight[o * taps.each + 1] = past;
  }
  return taps;
}

/// height x row -> taps.first.size() x row: sums of whole rows, which vectorise.
void resize_rows(const float* in, std::size_t row, const Taps& taps, float* out) {
  for (std::size_t o = 0; o < taps.first.size(); ++o, out += row) {
    std::fill_n(out, row, 0.0f);
    for (std::size_t i = 0; i < taps.each; ++i) {
      const float* source = in + (taps.first[o] + i) * row;
      kernels().add_scaled(std::int64_t(row), taps.weight[o * taps.each + i], source, out);
    }
  }
}

/// One pixel of `C` channels (a constant, so that the sums stay in registers).
template <std::size_t C>
void resize_row(const float* in, const Taps& taps, float* out) {
  for (std::size_t o = 0; o < taps.first.size(); ++o, out += C) {
    float sum[C] = {};
    const float* weight = taps.weight.data() + o * taps.each;
    const float* source = in + taps.first[o] * C;
    for (std::size_t i = 0; i < taps.each; ++i, source += C)
      for (std::size_t c = 0; c < C; ++c) sum[c] += weight[i] * source[c];
    std::copy_n(sum, C, out);
  }
}

void resize_row(const float* in, std::size_t channels, const Taps& taps, float* out) {
  for (std::size_t o = 0; o < taps.first.size(); ++o, out += channels) {
    std::fill_n(out, channels, 0.0f);
    for (std::size_t i = 0; i < taps.each; ++i)
      for (std::size_t c = 0; c < channels; ++c)
        out[c] += taps.weight[o * taps.each + i] * in[(taps.first[o] + i) * channels + c];
  }
}

/// rows x width x channels -> rows x taps.first.size() x channels.
void resize_columns(const float* in, std::size_t rows, std::size_t width, std::size_t channels,
                    const Taps& taps, float* out) {
  const std::size_t in_row = width * channels, out_row = taps.first.size() * channels;
  for (std::size_t r = 0; r < rows; ++r, in += in_row, out += out_row) {
    if (channels == 1)
      resize_row<1>(in, taps, out);
    else if (channels == 3)
      resize_row<3>(in, taps, out);
    else
      resize_row(in, channels, taps, out);
  }
}

/// Down, then across, by the taps that `make` gives of two extents that differ.
template <class MakeTaps>
Tensor resize(const Tensor& image, std::size_t height, std::size_t width, MakeTaps make) {
  assert(image.dimension() == 3 && image.size() > 0 && height > 0 && width > 0);
  const std::size_t in_height = image.shape()[0], in_width = image.shape()[1];
  const std::size_t channels = image.shape()[2];
  Tensor tall(Shape{height, in_width, channels});
  if (height == in_height)
    std::copy_n(image.data(), image.size(), tall.data());
  else
    resize_rows(image.data(), in_width * channels, make(in_height, height), tall.data());
  if (width == in_width) return tall;
  Tensor out(Shape{height, width, channels});
  resize_columns(tall.data(), height, in_width, channels, make(in_width, width), out.data());
  return out;
}

}  // namespace

// Pillow goes along rows first; the passes commute up to rounding, and columns
// first does most of the work on whole rows.
Tensor resize_clean(const Tensor& image, std::size_t height, std::size_t width) {
  return resize(image, height, width, bicubic_taps);
}

Tensor resize_bilinear(const Tensor& image, std::size_t height, std::size_t width, Grid grid) {
  return resize(image, height, width,
                [grid](std::size_t in, std::size_t out) { return linear_taps(in, out, grid); });
}

}  // namespace diffusion
