// The images that a model is judged by.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lib/models/model.hpp"
#include "lib/train/likelihood.hpp"
#include "tools/train/eval.hpp"

namespace diffusion {

/// Alike, and as the model needs them.
struct EvalImages {
  std::vector<Tensor> pixels;              // H x W x C each
  std::vector<std::optional<int>> labels;  // one an image, where asked for, else none at all
  std::vector<std::string> label_names;    // may be empty
  Decoder decoder = Decoder::eight_bit;    // unless an image has more bits
  std::size_t failures = 0;                // files that could not be read, and were named

  std::size_t size() const { return pixels.size(); }
  /// `count` images as N x H x W x C.
  Tensor batch(std::size_t first, std::size_t count) const;
};

/// Labels are numbered as the model has them, if it has any. Throws Error.
EvalImages load_eval_images(const cli::Tool& tool, const EvalRequest& request, const Model& model);

}  // namespace diffusion
