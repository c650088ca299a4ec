// Group normalisation of one image, with a shift before it and an activation after it in the same
// pass.
#include "lib/kernels/level/activations.hpp"
#include "lib/kernels/level/level.hpp"
#include "lib/kernels/level/vec.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {
namespace {

/// One block of channels of one image: `pixels` rows, `stride` floats apart.
struct Plane {
  std::int64_t pixels, stride;
};

/// Mean and sum of squared deviations of each channel, in one pass over data
/// shifted by its first pixel, so that large means cost no precision.
template <class T, class Lanes>
void moments(const T* x, Plane plane, Lanes part, float* mean, float* squares) {
  const Vec base = part.load(x);
  Vec sums[4] = {}, products[4] = {};
  std::int64_t p = 0;
  const auto add = [&](std::int64_t at, int way) __attribute__((always_inline)) {
    const Vec v = part.load(x + at * plane.stride) - base;
    sums[way] += v;
    products[way] += v * v;
  };
  for (; p + 4 <= plane.pixels; p += 4)
    for (int way = 0; way < 4; ++way) add(p + way, way);
  for (; p < plane.pixels; ++p) add(p, 0);
  const Vec total = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  const Vec square = (products[0] + products[1]) + (products[2] + products[3]);
  const float scale = 1.0f / float(plane.pixels);
  part.store(mean, base + total * scale);
  part.store(squares, square - total * total * scale);
}

struct Statistics {
  float mean, inverse_deviation;
};

/// Chan, Golub and LeVeque (1979): the group's moments from its channels'.
Statistics merge(const float* mean, const float* squares, std::int64_t channels,
                 std::int64_t pixels, float eps) {
  double total = 0, square = 0;
  for (std::int64_t c = 0; c < channels; ++c) total += mean[c];
  const double centre = total / double(channels);
  for (std::int64_t c = 0; c < channels; ++c) {
    const double off = mean[c] - centre;
    square += squares[c] + double(pixels) * off * off;
  }
  const double variance = square / double(channels * pixels);
  return {float(centre), float(1.0 / __builtin_sqrt(variance + eps))};
}

/// y = activation(factor x + offset)
template <Activation activation, class T, class Lanes>
void apply(const T* x, T* y, Plane plane, Lanes part, const float* factors, const float* offsets) {
  const Vec factor = part.load(factors), offset = part.load(offsets);
  for (std::int64_t p = 0; p < plane.pixels; ++p) {
    const Vec z = part.load(x + p * plane.stride) * factor + offset;
    part.store(y + p * plane.stride, activated<activation, T>(z));
  }
}

/// What the derivative needs of each channel of an image.
struct Channels {
  const float* scale;   // normalised = scale x + offset
  const float* offset;  //
  const float *weight, *bias;

  Channels from(std::int64_t c) const { return {scale + c, offset + c, weight + c, bias + c}; }
};

struct Sums {
  float *dz, *dz_times_normalised, *normalised;

  Sums from(std::int64_t c) const { return {dz + c, dz_times_normalised + c, normalised + c}; }
};

/// dz = dy activation'(z) into `dz`, and its sums over the pixels.
template <Activation activation, class T, class Lanes>
void differentiate(const T* x, const T* dy, T* dz, Plane plane, Lanes part,
                   const Channels& channels, const Sums& sums) {
  const Vec scale = part.load(channels.scale), offset = part.load(channels.offset);
  const Vec weight = part.load(channels.weight), bias = part.load(channels.bias);
  Vec total[2] = {}, product[2] = {}, normal[2] = {};
  const auto add = [&](std::int64_t p, int way) __attribute__((always_inline)) {
    const Vec normalised = part.load(x + p * plane.stride) * scale + offset;
    Vec d = part.load(dy + p * plane.stride);
    if constexpr (activation != Activation::none)
      d = through_slope<activation, T>(normalised * weight + bias, d);
    part.store(dz + p * plane.stride, d);
    total[way] += d;
    product[way] += d * normalised;
    normal[way] += normalised;
  };
  std::int64_t p = 0;
  for (; p + 2 <= plane.pixels; p += 2) {
    add(p, 0);
    add(p + 1, 1);
  }
  for (; p < plane.pixels; ++p) add(p, 0);
  part.store(sums.dz, total[0] + total[1]);
  part.store(sums.dz_times_normalised, product[0] + product[1]);
  part.store(sums.normalised, normal[0] + normal[1]);
}

/// dx = a dz + b x + c, and `add` where there is one. dz and dx are the same buffer, and may be
/// dy's.
struct Affine {
  const float *a, *b, *c;
};

template <class T, class Lanes>
void combine(const T* x, const T* add, T* dx, Plane plane, Lanes part, const Affine& affine) {
  const Vec a = part.load(affine.a), b = part.load(affine.b), c = part.load(affine.c);
  for (std::int64_t p = 0; p < plane.pixels; ++p) {
    const std::int64_t at = p * plane.stride;
    Vec d = part.load(dx + at) * a + (part.load(x + at) * b + c);
    if (add) d += part.load(add + at);
    part.store(dx + at, d);
  }
}

/// The groups' statistics from the channels', as normalised = scale x + offset of
/// each channel. `moved` is the channels' shift, or null.
void find_statistics(const NormShape& shape, const float* moved, float* mean, const float* squares,
                     float* scale, float* offset) {
  const std::int64_t each = shape.channels / shape.groups;
  for (std::int64_t c = 0; moved && c < shape.channels; ++c) mean[c] += moved[c];
  for (std::int64_t g = 0; g < shape.groups; ++g) {
    const Statistics s = merge(mean + g * each, squares + g * each, each, shape.pixels, shape.eps);
    for (std::int64_t c = g * each; c < (g + 1) * each; ++c) {
      scale[c] = s.inverse_deviation;
      offset[c] = ((moved ? moved[c] : 0.0f) - s.mean) * s.inverse_deviation;
    }
  }
}

/// dx = a dz + b x + c of each channel, from the sums over its pixels; and the
/// derivative with respect to the shift, unless `dshift` is null.
struct Derivative {
  float *a, *b, *c, *dshift;
};

void derive(const NormShape& shape, const Channels& channels, const Sums& sums,
            const Derivative& out) {
  const std::int64_t each = shape.channels / shape.groups;
  for (std::int64_t g = 0; g < shape.groups; ++g) {
    double mean = 0, slope = 0;  // of weight dz, and of weight dz against normalised x
    for (std::int64_t c = g * each; c < (g + 1) * each; ++c) {
      mean += double(channels.weight[c]) * sums.dz[c];
      slope += double(channels.weight[c]) * sums.dz_times_normalised[c];
    }
    mean /= double(each * shape.pixels);
    slope /= double(each * shape.pixels);
    for (std::int64_t c = g * each; c < (g + 1) * each; ++c) {
      // dx = scale (weight dz - mean - slope normalised)
      const double scale = channels.scale[c];
      out.a[c] = channels.scale[c] * channels.weight[c];
      out.b[c] = float(-scale * slope * scale);
      out.c[c] = float(-scale * (mean + slope * channels.offset[c]));
      if (out.dshift)
        out.dshift[c] = float(scale * (double(channels.weight[c]) * sums.dz[c] -
                                       mean * double(shape.pixels) - slope * sums.normalised[c]));
    }
  }
}

}  // namespace

template <class T>
void normalise(const NormShape& shape, const NormChannels& channels, const NormForward<T>& at) {
  const std::int64_t count = shape.channels;
  const Plane plane{shape.pixels, count};
  float *const mean = at.scratch, *const squares = mean + count;
  for_each_block(count, [&](std::int64_t c, auto part) {
    moments(at.x + c, plane, part, mean + c, squares + c);
  });
  find_statistics(shape, channels.shift, mean, squares, at.scale, at.offset);
  float *const factor = mean, *const constant = squares;  // the moments are done with
  for (std::int64_t c = 0; c < count; ++c) {
    factor[c] = at.scale[c] * channels.weight[c];
    constant[c] = at.offset[c] * channels.weight[c] + channels.bias[c];
  }
  with_activation(shape.activation, [&](auto activation) {
    for_each_block(count, [&](std::int64_t c, auto part) {
      apply<activation()>(at.x + c, at.y + c, plane, part, factor + c, constant + c);
    });
  });
}

template <class T>
void normalise_backward(const NormShape& shape, const NormChannels& channels,
                        const NormBackward<T>& at) {
  const std::int64_t count = shape.channels;
  const Plane plane{shape.pixels, count};
  const Sums sums{at.sums, at.sums + count, at.sums + 2 * count};
  const Channels all{at.scale, at.offset, channels.weight, channels.bias};
  with_activation(shape.activation, [&](auto activation) {
    for_each_block(count, [&](std::int64_t c, auto part) {
      differentiate<activation()>(at.x + c, at.dy + c, at.dx + c, plane, part, all.from(c),
                                  sums.from(c));
    });
  });
  float *const a = at.scratch, *const b = a + count, *const constant = b + count;
  derive(shape, all, sums, {a, b, constant, at.dshift});
  for_each_block(count, [&](std::int64_t c, auto part) {
    combine(at.x + c, at.add ? at.add + c : nullptr, at.dx + c, plane, part,
            {a + c, b + c, constant + c});
  });
}

template void normalise(const NormShape&, const NormChannels&, const NormForward<float>&);
template void normalise(const NormShape&, const NormChannels&, const NormForward<BFloat16>&);
template void normalise_backward(const NormShape&, const NormChannels&, const NormBackward<float>&);
template void normalise_backward(const NormShape&, const NormChannels&,
                                 const NormBackward<BFloat16>&);

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
