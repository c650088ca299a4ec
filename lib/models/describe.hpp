// What a model file says about itself.
#pragma once
#include "lib/models/checkpoint.hpp"

namespace diffusion {

/// Everything as one JSON document, the list of arrays included.
Json model_to_json(const ModelFile& file);

/// The same for a person: lines of a name, a tab, and what there is to say.
std::string model_to_text(const ModelFile& file);

/// The layers of its network in the order in which they are computed, numbered from 0: kind, name,
/// what flows in, the size of what comes out (of one image of those that it was trained on),
/// weights, and multiplications of one image. Throws Error.
Json layers_to_json(const ModelFile& file);

/// The same as a table with tabs, and a line of sums.
std::string layers_to_text(const ModelFile& file);

}  // namespace diffusion
