// Checkpoints that stay beside the model file under names of their own.
#pragma once
#include <cstdint>
#include <string>

namespace diffusion {

/// "runs/m.safetensors" of step 500 -> "runs/m.step-500.safetensors".
std::string kept_name(const std::string& model, std::uint64_t step);

/// "runs/m.safetensors" of step 500 -> "runs/m.snapshot-500.safetensors".
std::string snapshot_name(const std::string& model, std::uint64_t step);

/// How many are kept (0: none), and how many steps lie between them.
struct Keeping {
  std::uint64_t most = 0, every = 0;
};

/// Gives the checkpoint of `step`, just saved as `model`, its second name, and removes the
/// one that is then one too many. Throws Error where that cannot be written.
void keep_checkpoint(const std::string& model, std::uint64_t step, const Keeping& keeping);

}  // namespace diffusion
