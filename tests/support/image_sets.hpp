// Image sets to test with.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "lib/image/image_set.hpp"
#include "lib/tensor/formats/npy.hpp"

namespace diffusion {

inline std::vector<ImageEntry> entries(const ImageSet& set) {
  std::vector<ImageEntry> all;
  while (auto entry = set.next()) all.push_back(*std::move(entry));
  return all;
}

inline std::vector<ImageEntry> entries(const std::vector<std::string>& data,
                                       const ImageSetOptions& options = {}) {
  return entries(open_images(data, options));
}

/// A .npy of float32.
inline std::string floats(const std::vector<std::size_t>& shape, const std::vector<float>& values) {
  return npy_bytes(NpyType::float32, shape,
                   {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
}

}  // namespace diffusion
