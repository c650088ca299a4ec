// The course of a training run as a picture.
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "lib/base/gnuplot.hpp"

namespace diffusion {

struct LossPoint {
  std::uint64_t step;
  double loss;
};

/// The script that gnuplot draws it from: every step's loss, their running mean, and
/// the loss on held-out images where there are any, over a logarithmic axis.
std::string loss_script(std::span<const LossPoint> training, std::span<const LossPoint> validation,
                        PictureType type);

}  // namespace diffusion
