// The blocks of the FID Inception, by the letters that torchvision's program gives them. Szegedy
// et al. 2016, "Rethinking the Inception Architecture for Computer Vision", Fig. 5 to 7.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "lib/nn/onednn/frozen_convolution.hpp"

namespace diffusion::inception {

/// One tensor an image.
using Images = std::vector<nn::Tensor>;

/// Convolutions in the order of inception_units(), and the biases of units of means; else empty.
struct Parts {
  std::vector<std::vector<float>> late_biases;
  std::vector<nn::onednn::FrozenConvolution> convolutions;
};

/// Units of the network, or of one of its blocks ("Mixed_5b."), by their names.
class Units {
 public:
  Units(const Parts& parts, std::string prefix) : parts_(parts), prefix_(std::move(prefix)) {}

  std::size_t number_of(const char* name) const;
  const Parts& parts() const { return parts_; }

  Images operator()(const char* name, const Images& x) const;

 private:
  const Parts& parts_;
  std::string prefix_;
};

Images block_a(const Units& unit, const Images& x, std::int64_t channels);
Images block_b(const Units& unit, const Images& x);
Images block_c(const Units& unit, const Images& x);
Images block_d(const Units& unit, const Images& x);

enum class Pooling { mean, largest };
Images block_e(const Units& unit, const Images& x, Pooling pooling);

}  // namespace diffusion::inception
