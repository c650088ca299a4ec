// diff-noise at work: images in, noisy images out, in bounded memory.
#pragma once
#include "tools/cli/tool.hpp"
#include "tools/noise/request.hpp"

namespace diffusion {

/// Noises every image and writes it as asked; says which ones failed.
cli::ExitCode run_noise(const cli::Tool& tool, const NoiseRequest& request, const Noising& noising);

}  // namespace diffusion
