// What diff-noise is asked to do, and what of it can be refused before any work.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lib/base/shard.hpp"
#include "lib/image/alike.hpp"
#include "lib/image/image_set.hpp"
#include "lib/output/destination.hpp"
#include "lib/output/noised.hpp"

namespace diffusion {

struct NoiseRequest {
  std::vector<std::string> data = {};
  ImageSetOptions reading = {.values = ArrayValues::by_channels};
  std::optional<Colour> ground = {};  // opacity is laid on it
  std::string output = "", eps_out = "", format = "", manifest = "", strip = "", gif = "";
  std::optional<Shard> shard = {};  // the part of the images that is taken
  std::size_t strip_rows = 8;
  AnimationLook look = {.images = 1, .frames_a_second = 10};
  bool skip_existing = false, dry_run = false, json = false;

  Destination images() const {
    return destination_of(output, format == "npy"   ? StoreKind::array
                                  : format == "csv" ? StoreKind::csv
                                                    : StoreKind::tar);
  }
  Destination eps() const { return destination_of(eps_out, StoreKind::array); }
  /// How many images, from the first, are shown on strip and animation.
  std::size_t shown() const;
  /// Whether nothing is wanted but strip or animation.
  bool shows_alone() const { return output.empty() && eps_out.empty() && manifest.empty(); }
};

/// Settles what the outputs leave open, and refuses what contradicts itself or can't be
/// written, before any work. Throws Error.
void settle(NoiseRequest& request);

}  // namespace diffusion
