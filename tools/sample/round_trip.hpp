// How far an image is from what its own latent gives back.
#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "lib/base/json.hpp"
#include "tools/sample/invert_images.hpp"

namespace diffusion {

struct WalkedImages {
  Tensor latents, samples;  // of the images' shape: up, and down again
  double noise;             // standard deviation of noise at the latents' level
};

struct RoundTrip {
  std::string name;
  double rms;         // between the image and what comes back, in units of [-1, 1]
  double latent_rms;  // of the latent, over that of noise

  double psnr() const;  // dB
};

/// One an image, and the last for all of them.
std::vector<RoundTrip> round_trips(const InvertImages& images, const WalkedImages& walked);

void print_table(std::ostream& out, const std::vector<RoundTrip>& trips);

/// `about` the walk, and the same.
Json to_json(const std::vector<RoundTrip>& trips, Json about);

}  // namespace diffusion
