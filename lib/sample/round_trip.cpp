#include "lib/sample/round_trip.hpp"

#include <algorithm>
#include <cmath>

#include "lib/noise/wrappers.hpp"
#include "lib/tensor/stack.hpp"

namespace diffusion {
namespace {

/// The first level of the table at which there is noise.
NoiseLevel lowest_level(const Schedule& schedule) {
  return *std::ranges::find_if_not(schedule.levels, &NoiseLevel::clean);
}

/// The start of a walk is no level that it reaches.
LevelWatch counting(const RoundTripTools& tools) {
  return [&](std::uint32_t index, const Tensor&) {
    if (index > 0 && tools.passed) tools.passed();
  };
}

/// Sums of squares, of the errors and of the latents over noise.
struct Squares {
  double errors = 0, latents = 0;
  std::size_t count = 0;

  void add(const Squares& others) {
    errors += others.errors;
    latents += others.latents;
    count += others.count;
  }
  RoundTrip trip(const std::string& name) const {
    return {name, std::sqrt(errors / double(count)), std::sqrt(latents / double(count))};
  }
};

Squares squares_of(const WalkedImages& walked, std::size_t n) {
  const auto image = row_of(walked.images, n), sample = row_of(walked.samples, n),
             latent = row_of(walked.latents, n);
  Squares squares{.count = image.size()};
  for (std::size_t i = 0; i < image.size(); ++i) {
    squares.errors += std::pow(double(sample[i]) - double(image[i]), 2);
    squares.latents += std::pow(double(latent[i]) / walked.noise, 2);
  }
  return squares;
}

}  // namespace

Tensor walked_up(const RoundTripTools& tools, const Tensor& images) {
  const std::vector<NoiseLevel> up(tools.grid.rbegin(), tools.grid.rend());
  const Inversion how{.sampler = tools.sampler,
                      .corrections = tools.corrections,
                      .lowest = lowest_level(tools.schedule)};
  const std::size_t all = images.shape(0);
  Tensor latents(images.shape());
  for (std::size_t first = 0; first < all; first += tools.batch) {
    const std::size_t size = std::min(tools.batch, all - first);
    const Denoiser denoise = interruptible(tools.denoiser(first, size));
    put_rows(inverted({.denoise = denoise,
                       .x = rows_from(images, first, size),
                       .grid = up,
                       .path = tools.schedule.path,
                       .noise = {},
                       .at_level = counting(tools),
                       .schedule = &tools.schedule},
                      how),
             latents, first);
  }
  return latents;
}

Tensor walked_down(const RoundTripTools& tools, const Tensor& latents) {
  const auto& shape = latents.shape();
  const GenerateRequest request{.shape = Shape(shape.begin() + 1, shape.end()),
                                .count = shape[0],
                                .batch = tools.batch,
                                .start = start_from_states(latents)};
  const Sampler sampler = make_sampler(tools.sampler == InversionOf::heun ? "heun" : "ddim");
  const NoiseSource none(0, "diff-sample");
  Tensor samples(shape);
  generate(request,
           {tools.denoiser, sampler, tools.grid, tools.schedule.path, none, &tools.schedule},
           {.at_level = [passed = counting(tools)](std::size_t, std::uint32_t index,
                                                   const Tensor& x) { passed(index, x); }},
           [&](std::size_t offset, const Tensor& part) { put_rows(part, samples, offset); });
  return samples;
}

double RoundTrip::psnr() const { return 20 * std::log10(2 / rms); }

std::vector<RoundTrip> round_trips(std::span<const std::string> names, const WalkedImages& walked) {
  std::vector<RoundTrip> trips;
  Squares all;
  for (std::size_t n = 0; n < names.size(); ++n) {
    const Squares squares = squares_of(walked, n);
    trips.push_back(squares.trip(names[n]));
    all.add(squares);
  }
  trips.push_back(all.trip("all"));
  return trips;
}

}  // namespace diffusion
