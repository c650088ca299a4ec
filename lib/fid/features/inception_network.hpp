// The FID Inception: Inception v3 as TensorFlow's file of 2015-12-05 has it (Szegedy et
// al. 2016, "Rethinking the Inception Architecture for Computer Vision"). Average
// pools do not count padding, Mixed_7c has a max pool, and there are 1008 classes.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "lib/fid/features/inception_blocks.hpp"
#include "lib/fid/features/inception_weights.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// Where features are taken: the mean over the places of what follows the first and
/// the second max pool, Mixed_6e and Mixed_7c.
inline constexpr std::int64_t inception_taps[] = {64, 192, 768, 2048};

/// What sFID compares: the first 7 channels of Mixed_6d's 1 x 1 branch, 17 x 17 x 7,
/// channels last, which TensorFlow's network calls mixed_6/conv.
inline constexpr std::int64_t inception_spatial_channels = 7;
inline constexpr std::size_t inception_spatial = 17 * 17 * 7;

enum class LogitBias { left_out, added };

/// What is wanted of a batch, and where it goes: a row an image; null: not wanted.
struct InceptionOutputs {
  std::int64_t tap = inception_features;
  float* features = nullptr;  // n x tap
  LogitBias bias = LogitBias::left_out;
  float* logits = nullptr;   // n x 1008
  float* spatial = nullptr;  // n x 2023
};

class InceptionNetwork {
 public:
  InceptionNetwork(const InceptionWeights& weights, nn::DType type);

  /// Images of 299 x 299 x 3, about [-1, 1]. On the calling thread alone; layer by
  /// layer, so that a layer's weights are fetched once for all of the images. What
  /// comes of an image does not depend on the others.
  void run(std::span<const Tensor> images, const InceptionOutputs& outputs) const;

  /// The convolutions in the order of inception_units(), for measurements.
  std::span<const nn::onednn::FrozenConvolution> convolutions() const;

 private:
  void classify(const std::vector<nn::Tensor>& x, const InceptionOutputs& outputs) const;

  inception::Parts parts_;
  std::vector<float> classifier_, classifier_bias_;
  nn::DType type_;
};

}  // namespace diffusion
