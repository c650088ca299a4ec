// What a network in training would draw.
#pragma once
#include <string>

#include "lib/train/trainer.hpp"

namespace diffusion {

/// Writes a sheet of samples from the averaged weights, always from the same noise: a
/// row a class where there are classes. All ranks call it, and the first writes. False where
/// one was interrupted: then nothing is written.
bool write_preview(Trainer& trainer, const std::string& path);

}  // namespace diffusion
