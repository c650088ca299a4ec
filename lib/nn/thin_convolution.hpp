// 3 x 3 convolutions from or to a few channels, where oneDNN has only its plain
// reference loops: the neighbourhood becomes channels, and the convolution 1 x 1.
#pragma once
#include "lib/nn/onednn/convolution.hpp"

namespace diffusion::nn {

/// Size-preserving 3 x 3 convolutions with at most 4 channels on one side.
class ThinConvolution {
 public:
  static bool suits(const ConvolutionShape& shape);

  explicit ThinConvolution(const ConvolutionShape& shape);

  // As in onednn::Convolution.
  Tensor forward(const Tensor& x, const onednn::ConvolutionWeights& w) const;
  void forward_onto(const Tensor& sum, const Tensor& x, const onednn::ConvolutionWeights& w) const;
  Tensor backward_data(const Tensor& dy, const Dims& x, const onednn::ConvolutionWeights& w) const;
  void backward_weights(const Tensor& x, const Tensor& dy, std::span<float> dw,
                        std::span<float> db) const;

 private:
  bool thin_input() const { return shape_.in <= shape_.out; }
  onednn::ConvolutionWeights pointwise_weights(const onednn::ConvolutionWeights& w) const;
  Tensor pointwise_weight(std::span<const float> weight) const;

  ConvolutionShape shape_, pointwise_shape_;
  onednn::Convolution pointwise_;
};

/// Each pixel's 3 x 3 neighbourhood as its channels: channel 9 c + k of the result
/// is channel c of neighbour k (row by row, zeros outside), and zeros fill up to
/// `width` channels.
Tensor gather_neighbours(const Tensor& x, std::int64_t width);

/// Channel c of a pixel is the sum over k of channel 9 c + k of the pixel whose
/// neighbour k it is: the transpose of gather_neighbours. The result is float32.
Tensor scatter_neighbours(const Tensor& patches, std::int64_t channels);

}  // namespace diffusion::nn
