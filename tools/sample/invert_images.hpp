// The images that diff-sample invert is given.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lib/image/image_set.hpp"
#include "lib/tensor/tensor.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion {

struct InvertImages {
  Tensor pixels;                   // N x H x W x C
  std::vector<std::string> names;  // N
  std::size_t failures = 0;        // that could not be used, and were named
};

/// The first `count` images of DATA that can be read and have the model's `shape`. Throws
/// Error where there is none.
InvertImages load_invert_images(const cli::Tool& tool, const std::vector<std::string>& data,
                                ImageSetOptions reading, const Shape& shape,
                                std::optional<std::size_t> count);

}  // namespace diffusion
