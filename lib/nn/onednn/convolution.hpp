// Two-dimensional convolutions and their derivatives, by oneDNN.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "lib/nn/convolution_shape.hpp"
#include "lib/nn/tensor.hpp"

namespace diffusion::nn::onednn {

/// Whether this processor can: bfloat16 takes AVX-512 (without its bfloat16
/// extension products are right, and slow).
bool has_products_of(DType type);

/// Float32 weights, out x in x kernel x kernel, and bias, out. Weights are copied
/// into oneDNN's own layouts whenever `version` differs from the last call's.
struct ConvolutionWeights {
  std::span<const float> weight, bias;
  std::uint64_t version = 0;
  /// Puts weights together that lie apart, in place of `weight`; asked only where they are copied.
  std::function<Tensor()> assembled = {};
};

/// Products are taken in the type of the images, and results have it too; weights'
/// and biases' derivatives are float32.
/// Primitives are made once for each size and type of input and kept. Calls are safe from
/// several threads; each uses all threads of the pool.
class Convolution {
 public:
  explicit Convolution(const ConvolutionShape& shape);
  ~Convolution();
  Convolution(Convolution&&) noexcept;

  Tensor forward(const Tensor& x, const ConvolutionWeights& w) const;

  /// Adds the result to `sum`, in place.
  void forward_onto(const Tensor& sum, const Tensor& x, const ConvolutionWeights& w) const;

  /// The derivative with respect to an input of size `x`, in the type of `dy`.
  Tensor backward_data(const Tensor& dy, const Dims& x, const ConvolutionWeights& w) const;

  /// Adds to `dw` (out x in x kernel x kernel) and `db` (out).
  void backward_weights(const Tensor& x, const Tensor& dy, std::span<float> dw,
                        std::span<float> db) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace diffusion::nn::onednn
