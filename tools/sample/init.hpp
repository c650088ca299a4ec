// What samples begin from when it is not noise, and what they keep of it: diff-sample
// --init, --strength and --mask.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lib/image/image_set.hpp"
#include "lib/models/model.hpp"
#include "lib/sample/inpaint.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion {

struct InitRequest {
  std::string data, mask;  // files or folders, or ""
  std::optional<double> strength;
  std::optional<std::uint32_t> resample, jump;
  ImageSetOptions reading;
};

void add_init_options(const cli::Flags& flags, InitRequest& request);

struct Init {
  std::optional<Tensor> states;  // K x H x W x C: of the grid's first level
  std::optional<Tensor> images;  // K x H x W x C: clean, in the model's values
  std::optional<Tensor> mask;    // M x H x W x C: 1 is painted anew, 0 kept
  double strength = 1;           // share of the grid that is walked
  std::size_t left_out = 0;      // images that could not be used, and were named
  bool start_from_images = false;

  /// How many states or images; 0 without any.
  std::size_t count() const;
};

/// Reads images as those that the model was trained on, where nothing else is asked for, and names
/// those that cannot be used. Throws Error where nothing is left that suits the model, and for a
/// flag that has nothing to act on.
Init read_init(const cli::Tool& tool, const Model& model, const InitRequest& request);

/// What there is to paint anew in a walk of so many steps; nothing without a mask. Throws
/// Error where the sampler can't, or where a jump is longer than the walk.
std::optional<Inpainting> inpainting_of(const Init& init, const InitRequest& request,
                                        const std::string& sampler, std::size_t steps);

}  // namespace diffusion
