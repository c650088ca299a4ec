// What a model says about itself: a model file, or a network in a folder of diffusers.
#pragma once
#include <string>
#include <vector>

#include "lib/models/checkpoint.hpp"

namespace diffusion {

struct Described {
  ModelDescription about;            // of a folder, what it tells of these
  std::size_t weights = 0;           // how many numbers
  std::vector<std::string> choices;  // of what may be loaded
  Json arrays;                       // of each its name and shape, and of a file its type
};
Described described(const ModelFile& file);
/// Of a folder: see load_diffusers_folder, but for the scheduler, which may be missing. Throws
/// Error.
Described described_folder(const std::string& path);

/// Everything as one JSON document, the list of arrays included.
Json model_to_json(const Described& model);

/// The same for a person: lines of a name, a tab, and what there is to say.
std::string model_to_text(const Described& model);

/// The layers of its network in the order in which they are computed, numbered from 0: kind, name,
/// what flows in, the size of what comes out (of one image of those that it was trained on),
/// weights, and multiplications of one image. Throws Error.
Json layers_to_json(const Described& model);

/// The same as a table with tabs, and a line of sums.
std::string layers_to_text(const Described& model);

}  // namespace diffusion
