// The parts of a U-Net: residual blocks, and what stands at each level.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lib/nn/attention.hpp"
#include "lib/nn/conv2d.hpp"
#include "lib/nn/dropout.hpp"
#include "lib/nn/linear.hpp"

namespace diffusion {

/// Two convolutions with a residual connection around them (He et al., "Identity
/// Mappings in Deep Residual Networks", 2016), shifted by the time embedding in
/// between (Ho et al. 2020).
class ResidualBlock {
 public:
  struct Shape {
    std::int64_t in = 1, out = 1, time = 1, groups = 1;
    float eps = 1e-5f, divisor = 1;
    double dropout = 0;
  };

  ResidualBlock(nn::Parameters& parameters, const std::string& name, const Shape& shape);

  /// x: N x H x W x in; time: N x 1 x 1 x time, after its SiLU.
  nn::Tensor forward(const nn::Tensor& x, const nn::Tensor& time, nn::Tape* tape) const;
  /// Adds the derivative with respect to time to `dtime`.
  nn::Tensor backward(nn::Tensor dy, const nn::Tensor& dtime, nn::Tape& tape) const;

 private:
  float divisor_;
  nn::GroupNorm norm1_;
  nn::Conv2d conv1_;
  nn::Linear time_;
  nn::GroupNorm norm2_;
  nn::Dropout dropout_;
  nn::Conv2d conv2_;
  std::optional<nn::Conv2d> shortcut_;
};

/// What a level of the way down, or of the way up, is made of. The way down leaves
/// each layer's result for the way up; both consume such stacks from the back.
struct LevelShape {
  std::int64_t in = 1, out = 1;
  std::int64_t below = 1;  // channels of the level whose skips come last; up only
  std::int64_t layers = 1;
  bool attention = false, resample = false;
  std::int64_t heads = 1, downsample_padding = 1;
  std::int64_t time = 1, groups = 1;
  float eps = 1e-5f;
  double dropout = 0;
};

using Skips = std::vector<nn::Tensor>;

class DownLevel {
 public:
  DownLevel(nn::Parameters& parameters, const std::string& name, const LevelShape& shape);
  nn::Tensor forward(nn::Tensor x, const nn::Tensor& time, Skips& skips, nn::Tape* tape) const;
  /// Takes the skips' derivatives from the back of `dskips`.
  nn::Tensor backward(nn::Tensor dy, const nn::Tensor& dtime, Skips& dskips, nn::Tape& tape) const;

 private:
  std::vector<ResidualBlock> residuals_;
  std::vector<nn::Attention> attentions_;
  std::optional<nn::Conv2d> downsampler_;
};

class UpLevel {
 public:
  UpLevel(nn::Parameters& parameters, const std::string& name, const LevelShape& shape);
  nn::Tensor forward(nn::Tensor x, const nn::Tensor& time, Skips& skips, nn::Tape* tape) const;
  /// Leaves the skips' derivatives at the back of `dskips`.
  nn::Tensor backward(nn::Tensor dy, const nn::Tensor& dtime, Skips& dskips, nn::Tape& tape) const;

 private:
  std::vector<ResidualBlock> residuals_;
  std::vector<std::int64_t> own_channels_;  // of each residual block's input, before the skip's
  std::vector<nn::Attention> attentions_;
  std::optional<nn::Conv2d> upsampler_;
};

/// Between the way down and the way up.
class MidLevel {
 public:
  struct Shape {
    ResidualBlock::Shape residual;
    std::optional<nn::Attention::Shape> attention;
  };

  MidLevel(nn::Parameters& parameters, const std::string& name, const Shape& shape);
  nn::Tensor forward(const nn::Tensor& x, const nn::Tensor& time, nn::Tape* tape) const;
  nn::Tensor backward(const nn::Tensor& dy, const nn::Tensor& dtime, nn::Tape& tape) const;

 private:
  ResidualBlock first_;
  std::optional<nn::Attention> attention_;
  ResidualBlock second_;
};

}  // namespace diffusion
