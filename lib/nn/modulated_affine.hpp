// What norms do after they have normalised: a factor and an offset of each channel, learned, and
// modulated by vectors of each image (Perez et al., "FiLM", 2018).
#pragma once
#include <functional>
#include <string>

#include "lib/nn/parameters.hpp"
#include "lib/nn/tape.hpp"

namespace diffusion::nn {

/// (1 + scale) y + shift: N x 1 x 1 x C, float32, or both empty.
struct Modulation {
  Tensor shift, scale;
};

class ModulatedAffine {
 public:
  /// Adds `name`.weight and, if it has an offset, `name`.bias (channels); nothing where the name
  /// is empty: then y is `normalised` itself, but for what modulates it.
  ModulatedAffine(Parameters& parameters, const std::string& name, std::int64_t channels,
                  bool has_offset);

  /// Factor and offset of each image's channels: N x 2 x 1 x C.
  Tensor of(std::int64_t images, const Modulation& modulation) const;

  /// The derivatives of an image's factors and offsets, summed over its pixels.
  struct ImageSums {
    const float *factor, *offset;
  };
  using SumsOf = std::function<ImageSums(std::int64_t image)>;

  /// Adds the weights' derivatives. `scale`: as it modulated, or empty.
  void add_gradients(std::int64_t images, const SumsOf& sums, const Tensor& scale,
                     const Tape& tape) const;
  /// Those of what modulated.
  Modulation modulation_gradients(std::int64_t images, const SumsOf& sums) const;

 private:
  /// Null where there is none.
  const float* value_of(const Param* param) const {
    return param ? parameters_.value(*param).data() : nullptr;
  }

  const Parameters& parameters_;
  const Param *weight_ = nullptr, *bias_ = nullptr;
  std::int64_t channels_;
};

}  // namespace diffusion::nn
