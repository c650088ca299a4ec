// diff-noise at work: images in, noisy images out, in bounded memory.
#pragma once
#include <string>
#include <vector>

#include "lib/image/image_set.hpp"
#include "lib/noise/noising.hpp"
#include "tools/cli.hpp"

namespace diffusion {

struct NoiseRequest {
  std::vector<std::string> data;
  ImageSetOptions reading = {};
  std::string output = "";  // "": nothing but the strip, or standard output
  std::string format = "";
  std::string strip = "";
  std::size_t strip_rows = 8;
  bool skip_existing = false;
};

/// Noises every image and writes it as asked; says which ones failed.
cli::ExitCode run_noise(const cli::Tool& tool, const NoiseRequest& request, const Noising& noising);

}  // namespace diffusion
