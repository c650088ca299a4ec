// Dropout (Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from
// Overfitting", 2014), with masks that are functions of their address.
#pragma once
#include <cstdint>
#include <string_view>

#include "lib/nn/tape.hpp"

namespace diffusion::nn {

/// Sets each element to 0 with probability `rate`, rounded to 1/65536, and scales the
/// others so that means stay what they are. Masks are drawn by the seed, the example and
/// the layer's name (diff-formats(5)): the same in forward and backward, in any part of a
/// batch and on any threads, and nothing is kept in between.
class Dropout {
 public:
  /// 0 <= rate < 1.
  Dropout(double rate, std::string_view layer);

  /// Whether it does anything: not without a tape, or where it has no draws, in inference.
  bool drops(const Tape* tape) const { return dropped_ > 0 && tape && tape->draws; }
  /// In place.
  void forward(const Tensor& x, const Tape* tape) const;
  void backward(const Tensor& dy, const Tape& tape) const { forward(dy, &tape); }

  /// For engines that draw the masks themselves: an element whose 16 bits are below dropped()
  /// becomes 0, another is scaled; address() is the second word of Philox's counter.
  std::uint32_t dropped() const { return dropped_; }
  float scale() const;
  std::uint32_t address() const { return address_; }

 private:
  std::uint32_t dropped_;  // of 65536
  std::uint32_t address_;
};

}  // namespace diffusion::nn
