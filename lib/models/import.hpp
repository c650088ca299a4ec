// Networks of other programs as model files.
#pragma once
#include <string>

#include "lib/models/published.hpp"
#include "lib/models/trained_classes.hpp"

namespace diffusion {

/// A network that came from elsewhere, and what is known of its training.
struct ImportedNetwork {
  TrainedNetwork network;
  TrainedClasses classes;
  std::string form;  // a row of published_forms(), or "diffusers"
};

/// From a folder of diffusers, or from a file of one of published_forms(). Throws Error.
ImportedNetwork open_import(const PublishedFile& from);

/// Writes it as a model file. Throws Error, also for a configuration that is not sound.
void write_import(const std::string& path, const ImportedNetwork& imported);

}  // namespace diffusion
