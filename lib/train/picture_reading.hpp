// What becomes of what only some pictures have: opacity, an orientation, 16 bits. A model's
// file keeps it, so that its model is shown pictures as it learned them.
#pragma once
#include <optional>

#include "lib/base/json_at.hpp"
#include "lib/image/image_set.hpp"
#include "lib/models/checkpoint.hpp"
#include "lib/models/model.hpp"

namespace diffusion {

struct PictureReading {
  std::optional<Opacity> opacity = {};  // none: on white, and a person is told
  bool orient = false;                  // turned as EXIF says
  SixteenBits sixteen = SixteenBits::scale;
};

/// Of the section `data` of a configuration; keys that are not there mean the usual. Throws Error.
PictureReading picture_reading(const JsonAt& data);

/// How the images were read that a file's model was trained on; the usual where it has no record of
/// its training. Throws Error.
PictureReading trained_reading(const ModelFile& file);

/// `given`, and what was not asked for as the model's training read images, where its file tells.
ImageSetOptions as_trained(ImageSetOptions given, const Model& model);

}  // namespace diffusion
