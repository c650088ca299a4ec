// What a network in training would draw.
#pragma once
#include <string>

#include "lib/train/trainer.hpp"

namespace diffusion {

/// Writes a sheet of samples from the averaged weights, always from the same noise: a
/// row a class where there are classes.
void write_preview(Trainer& trainer, const std::string& path);

}  // namespace diffusion
