// Queries and keys of one size, whatever the weights: keeps attention's products from growing
// (Henry et al., "Query-Key Normalization for Transformers", 2020; by the root mean square,
// Dehghani et al., "Scaling Vision Transformers to 22 Billion Parameters", 2023).
#pragma once
#include "lib/nn/layers.hpp"
#include "lib/nn/parameters.hpp"
#include "lib/nn/tape.hpp"

namespace diffusion::nn {

class QueryKeyNorm {
 public:
  /// Adds the weights of queries and keys (a head's size each).
  QueryKeyNorm(Parameters& parameters, const layers::QueryKeyNorm& shape);

  /// x: N x H x W x 3C, queries, keys and values side by side, each with its heads side by side.
  Tensor forward(const Tensor& x, Tape* tape) const;
  Tensor backward(const Tensor& dy, Tape& tape) const;

 private:
  /// Calls body(param, first element, statistics of its heads) for queries and keys of each pixel.
  template <class Body>
  void for_each_part(const Dims& d, std::int64_t image, Body&& body) const;
  void add_gradients(const Tensor& sums, const Tape& tape) const;

  const Parameters& parameters_;
  layers::QueryKeyNorm shape_;
  const Param* weights_[2];  // of queries, of keys
};

}  // namespace diffusion::nn
