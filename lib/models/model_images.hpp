// Images as a model needs them: of its size, in its channels, as one batch.
#pragma once
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/image/image_set.hpp"
#include "lib/image/labels.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion {

struct ModelImages {
  Tensor pixels;                                // N x H x W x C, finite
  std::vector<std::string> names = {};          // N, printable
  std::vector<std::optional<int>> labels = {};  // N, numbered as DATA has them
  std::vector<std::string> label_names = {};    // by label; may be empty
  std::string why_unlabelled = {};              // see ImageSet
  Unlabelled unlabelled = {};
  Depth depth = Depth::uint8;              // of the deepest image
  std::vector<std::string> failures = {};  // "photos/a.png: ...", one an image left out

  std::size_t size() const { return names.size(); }
};

struct ModelImagesOptions {
  ImageSetOptions reading = {};
  std::size_t most = std::numeric_limits<std::size_t>::max();  // images, from the first
};

/// The first images of DATA that a model of samples H x W x C can take, grey or RGB as it
/// is; on white where they are not opaque, if nothing else is asked for. Those that cannot be
/// read or are of another size are left out and named. Throws Error where none is left.
ModelImages load_model_images(const std::vector<std::string>& data, const Shape& sample,
                              const ModelImagesOptions& options = {});
/// The same of a set that comes through a pipe, whose first bytes had to be looked at.
ModelImages load_model_images(std::shared_ptr<InputFile> stream, const std::string& data,
                              const Shape& sample, const ModelImagesOptions& options = {});

}  // namespace diffusion
