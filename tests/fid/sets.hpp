// Small sets of images and features, and an extractor whose answers anyone can tell.
#pragma once
#include <algorithm>

#include "lib/fid/set_reader.hpp"
#include "lib/rng/noise_source.hpp"
#include "tests/support/scratch.hpp"

namespace diffusion::test {

/// The four pixels of each image, as test::images has them.
inline FeatureExtractor four_pixels() {
  FeatureExtractor extractor;
  extractor.provenance = {{"features", "four-pixels"}};
  extractor.prepare = [](const Image& image) { return image.pixels; };
  extractor.run = features_only([](std::span<const Tensor> images) {
    Tensor rows(Shape{images.size(), 4});
    for (std::size_t i = 0; i < images.size(); ++i)
      std::copy_n(images[i].data(), 4, rows.data() + 4 * i);
    return rows;
  });
  return extractor;
}

/// n x d normals.
inline Tensor normals(std::size_t n, std::size_t d, std::uint64_t id) {
  Tensor rows(Shape{n, d});
  NoiseSource(4, "fid-sets").fill({rows.data(), rows.size()}, id, 0);
  return rows;
}

/// n images of 2 x 2 pixels, one channel, in [-1, 1].
inline Tensor images(std::size_t n, std::uint64_t id) {
  const Tensor rows = normals(n, 4, id);
  Tensor batch(Shape{n, 2, 2, 1});
  for (std::size_t i = 0; i < rows.size(); ++i)
    batch.data()[i] = std::clamp(rows.data()[i] / 4, -1.0f, 1.0f);
  return batch;
}

/// What a reader said.
struct Said {
  std::vector<std::string> complaints, remarks;

  ReadingHooks hooks() {
    return {.complain = [this](const std::string& text) { complaints.push_back(text); },
            .say = [this](const std::string& text) { remarks.push_back(text); }};
  }
};

}  // namespace diffusion::test
