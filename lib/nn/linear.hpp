// A linear map of one vector per image: y = W x + b.
#pragma once
#include <string>

#include "lib/nn/parameters.hpp"
#include "lib/nn/tape.hpp"

namespace diffusion::nn {

class Linear {
 public:
  /// Adds `name`.weight (out x in) and `name`.bias (out).
  Linear(Parameters& parameters, const std::string& name, std::int64_t in, std::int64_t out);

  /// x: N x 1 x 1 x in.
  Tensor forward(const Tensor& x, Tape* tape) const;
  Tensor backward(const Tensor& dy, Tape& tape) const;
  /// Where nobody wants the input's derivative.
  void backward_weights(const Tensor& dy, Tape& tape) const;

 private:
  void add_gradients(const Tensor& dy, const Tensor& x, const Tape& tape) const;

  const Parameters& parameters_;
  const Param &weight_, &bias_;
  std::int64_t in_, out_;
};

}  // namespace diffusion::nn
