// The configuration of a training run, typed.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/json_at.hpp"
#include "lib/image/image_set.hpp"
#include "lib/nn/tensor.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/train/adam.hpp"
#include "lib/train/ema.hpp"
#include "lib/train/picture_reading.hpp"
#include "lib/train/settings.hpp"

namespace diffusion {

using ImageSize = std::pair<std::size_t, std::size_t>;  // H, W

struct TrainConfig {
  struct Data {
    std::optional<ImageSize> size, crop;
    std::optional<std::size_t> channels;
    std::optional<std::vector<double>> offset, scale;  // one for all, or one a channel
    PictureReading pictures;
    bool flip;
    int shift;                                   // by at most so many pixels each way
    std::optional<std::string> labels;           // "own", "prefix" or a file; none: no classes
    double validation;                           // the share of images that is held out
    std::optional<std::string> validation_data;  // or images of its own
    std::optional<std::size_t> memory;  // bytes of pixels that may be held; none: half of all
  } data;
  Json model;  // diffusers' keys
  Prediction prediction;
  std::string weight, levels, loss, decay;  // specs
  double label_dropout;
  std::uint64_t steps, batch, accumulate, lanes, warmup, save_every, snapshots_every,
      validate_every, seed;
  double learning_rate, clip;
  AdamOptions adam;
  std::vector<Averaging> averages;  // that of the highest rate first
  bool recompute;                   // parts of the network on the way back, to save memory
  nn::DType precision;              // of activations and products
  bool tf32;                        // products of float32 are rounded as devices do by default
};

/// Throws Error for specs that no registry knows, and for what does not go together.
TrainConfig parse_config(const Json& config);

}  // namespace diffusion
