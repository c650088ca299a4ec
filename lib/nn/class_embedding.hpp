// A learned vector for each class.
#pragma once
#include <span>
#include <string>

#include "lib/nn/parameters.hpp"
#include "lib/nn/tape.hpp"

namespace diffusion::nn {

/// Throws Error unless it is -1 or below `classes`.
void check_label(int label, std::int64_t classes);

class ClassEmbedding {
 public:
  /// Adds `name`.weight (classes x channels).
  ClassEmbedding(Parameters& parameters, const std::string& name, std::int64_t classes,
                 std::int64_t channels);

  /// Each image's vector, N x 1 x 1 x channels; zeros for a label of -1, and for all where there
  /// are no labels. Throws Error on a label out of range.
  Tensor forward(std::int64_t images, std::span<const int> labels, Tape* tape) const;
  void backward(const Tensor& dy, Tape& tape) const;

 private:
  const Parameters& parameters_;
  const Param& weight_;
  std::int64_t classes_, channels_;
};

}  // namespace diffusion::nn
