// What a record says of how images were read, beside what made their features.
#pragma once
#include <string>

#include "lib/base/json.hpp"
#include "lib/image/image_set.hpp"

namespace diffusion {

/// Only what is not at its default, under the names of the settings: "size" and "crop" (HxW),
/// "channels" (gray or rgb), "orient", "16_bit", and of arrays "layout" and "range".
Json reading_record(const ImageSetOptions& options);

/// Whether images of which a key is not said may be of that kind by themselves: samples have the
/// size to which their model's images were cut.
bool may_be_natural(const std::string& key);

/// Whether a key says what the numbers of arrays mean. Images may be alike where it differs.
bool is_of_arrays(const std::string& key);

}  // namespace diffusion
