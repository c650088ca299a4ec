// Which images diff-noise takes, and the names of its outputs.
#pragma once
#include <functional>
#include <optional>

#include "lib/base/shard.hpp"
#include "lib/image/image_set.hpp"
#include "tools/noise/job.hpp"
#include "tools/noise/request.hpp"

namespace diffusion {

using NextJob = std::function<std::optional<NoiseJob>()>;

/// The images of a set that are taken: all, or the part that is asked for. Throws Error for a part
/// of a set whose number of images is not known, and for one without images.
Range images_taken(const ImageSet& set, const NoiseRequest& request);

/// The images `taken` of `set` one by one, with their levels and the names of their versions.
/// Where it is known how many there are, names are settled for all of the set first.
/// Throws Error when two inputs would be written under one name, by this part or by another, or
/// one would be written where the inputs lie.
NextJob plan_jobs(ImageSet set, const Range& taken, const NoiseRequest& request,
                  const Noising& noising);

/// Whether all that is asked of this image is there already, in files of its own.
bool is_there(const NoiseJob& job, const NoiseRequest& request);

/// Prints the file of every version, and all other files, a line each: --dry-run. With
/// --skip-existing those that would be left alone are left out.
void list_outputs(const NextJob& next, const NoiseRequest& request);

}  // namespace diffusion
