// What the numbers of data that are not pictures are to a network: (x - offset) scale.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "lib/base/json_at.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// A network sees (x - offset) scale of each number x of its data, and what it says is taken back
/// to the data's own units: scale is the scaling factor that latents come with, and one over the
/// deviation where data are standardised. Pictures are not changed: they lie in [-1, 1].
struct DataUnits {
  std::vector<double> offset = {}, scale = {};  // of each channel; none: of pictures

  bool any() const { return !scale.empty(); }
  bool operator==(const DataUnits&) const = default;

  /// Of numbers ... x C.
  void to_network(std::span<float> values) const;
  void to_data(std::span<float> values) const;
  Tensor to_network(Tensor values) const;
  Tensor to_data(Tensor values) const;

  /// What a density per dimension loses in bits where its numbers are the data's own instead of the
  /// network's: the mean of -log2(scale).
  double bits() const;
};

/// Of `data` of a model file, with "offset" and "scale" of each of its "channels", or neither.
/// Throws Error where they are not as many, not finite, or a scale is no number from 1e-30 to 1e30.
DataUnits data_units(const JsonAt& data);

/// The same as it stands there; an empty object for pictures.
Json to_json(const DataUnits& units);

}  // namespace diffusion
