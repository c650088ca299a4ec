// From images up to their latents and down again: in batches, and how far off that ends.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "lib/sample/generate.hpp"
#include "lib/sample/inversion.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion {

/// What both ways have in common. The denoiser must not clip.
struct RoundTripTools {
  const Schedule& schedule;
  const DenoiserOf& denoiser;
  std::span<const NoiseLevel> grid;  // noisiest first
  InversionOf sampler = InversionOf::ddim;
  int corrections = 0;  // of each step up: see Inversion
  std::size_t batch = 64;
  std::function<void()> passed = {};  // called at every level that a batch reaches
};

/// The latents of images, N x H x W x C. Stops between evaluations when interrupted.
Tensor walked_up(const RoundTripTools& tools, const Tensor& images);

/// What a sampler makes of latents, without noise of its own.
Tensor walked_down(const RoundTripTools& tools, const Tensor& latents);

/// How far an image is from what its own latent gives back.
struct RoundTrip {
  std::string name;
  double rms;         // between the image and what comes back, in units of [-1, 1]
  double latent_rms;  // of the latent, over that of noise

  double psnr() const;  // dB
};

/// What came of images on both ways, all of one shape.
struct WalkedImages {
  const Tensor &images, &latents, &samples;
  double noise;  // standard deviation of noise at the latents' level
};

/// One an image, under its name, and the last, "all", for all of them.
std::vector<RoundTrip> round_trips(std::span<const std::string> names, const WalkedImages& walked);

}  // namespace diffusion
