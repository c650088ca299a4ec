// What a model file says about itself.
#pragma once
#include "lib/models/checkpoint.hpp"

namespace diffusion {

/// Everything as one JSON document, the list of arrays included.
Json model_to_json(const ModelFile& file);

/// The same for a person: lines of a name, a tab, and what there is to say.
std::string model_to_text(const ModelFile& file);

}  // namespace diffusion
