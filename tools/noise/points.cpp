#include "tools/noise/points.hpp"

#include "lib/base/error.hpp"
#include "lib/image/points.hpp"

namespace diffusion {

NoiseRequest request_for_points(NoiseRequest request, const std::string& culprit) {
  const auto refuse = [&](bool given, const std::string& flag) {
    if (given) throw Error(culprit + ": holds points, to which " + flag + " means nothing");
  };
  need_no_picture_options(request.reading, culprit);
  refuse(request.ground.has_value(), "--alpha");
  refuse(!request.strip.empty(), "--strip");
  refuse(!request.gif.empty(), "--gif");
  if (request.format.empty()) request.format = "npy";
  refuse(request.format != "npy" && request.format != "csv", "--format " + request.format);
  if (request.images().kind == StoreKind::picture)
    throw Error(request.output + ": is a picture, and " + culprit +
                " holds points; name an array (.npy), a table (.csv) or a folder");
  return request;
}

Noising noising_of_points(Noising noising) {
  noising.alpha = AlphaChannel::noised;
  return noising;
}

}  // namespace diffusion
