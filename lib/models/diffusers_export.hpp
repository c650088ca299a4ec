// Trained networks as diffusers loads them: a folder that it has a class for all parts of, or the
// bare weights.
#pragma once
#include <string>
#include <vector>

#include "lib/models/checkpoint.hpp"

namespace diffusion {

/// The classes of schedulers that such a folder may have, the usual one first.
std::vector<std::string> exported_schedulers();

struct DiffusersExport {
  std::string weights = "";    // as ModelFile::prefix_of takes them
  std::string scheduler = "";  // one of exported_schedulers(); "": the usual one
};

/// What a folder came to hold: classes of diffusers.
struct ExportedFolder {
  std::string network, scheduler;
  std::string pipeline = {};  // "": none
  std::string lacking = {};   // why there is none
};

/// Writes a folder of diffusers, which must not be there yet or be empty, whole or not at all: the
/// network's folder and scheduler/, and a model_index.json where a pipeline draws with these two
/// alone. The scheduler draws what we do on the grid `trailing`, clipped to [-1, 1]. Throws Error
/// for paths, predictions, tables and networks that diffusers lacks.
ExportedFolder write_diffusers_folder(const ModelFile& file, const std::string& folder,
                                      const DiffusersExport& how);

/// Writes a set of weights under their names in the network, whatever it was trained for: a state
/// dict as safetensors; "-" is standard output. Throws Error.
void write_state_dict(const ModelFile& file, const std::string& path, const std::string& weights);

}  // namespace diffusion
