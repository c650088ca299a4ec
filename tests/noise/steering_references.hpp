// Reading the references of tests/data/steering, and denoisers that say them.
#pragma once
#include <string>

#include "lib/base/json.hpp"
#include "lib/noise/denoiser.hpp"
#include "tests/support/tensors.hpp"

namespace diffusion::testing {

inline Json steering_references(const std::string& name) {
  return read_json(TEST_DATA_DIR "/steering/" + name);
}

/// Of the shape that the references have.
inline Tensor tensor_of(const Json& references, const Json& values) {
  const Json& extents = references["shape"];
  Tensor x(Shape{extents.at(0), extents.at(1), extents.at(2), extents.at(3)});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = values.at(i).get<float>();
  return x;
}

inline Denoiser saying(const Tensor& x0) {
  return [=](const Tensor&, const NoiseLevel&) { return Denoised{x0, {}, {}}; };
}

inline const NoiseLevel somewhere = on_path(Path::variance_preserving, 0.3);

}  // namespace diffusion::testing
