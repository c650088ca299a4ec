#include "tools/noise/numbers.hpp"

#include "lib/base/error.hpp"
#include "lib/image/alike.hpp"
#include "lib/image/points.hpp"

namespace diffusion {

NoiseRequest request_for_numbers(NoiseRequest request, const DataSet& data) {
  const std::string held = "holds " + std::string(name_of(data.kind));
  const bool points = data.kind == DataKind::points;
  const auto refuse = [&](bool given, const std::string& flag) {
    if (given) throw Error(data.culprit + ": " + held + ", to which " + flag + " means nothing");
  };
  if (points)
    need_options_of_points(request.reading, data.culprit);
  else
    need_no_picture_options(request.reading, data.culprit, "numbers");
  refuse(request.ground.has_value(), "--alpha");
  refuse(!request.strip.empty(), "--strip");
  refuse(!request.gif.empty(), "--gif");
  if (request.format.empty()) request.format = "npy";
  refuse(request.format != "npy" && !(points && request.format == "csv"),
         "--format " + request.format);
  if (request.images().kind == StoreKind::picture)
    throw Error(request.output + ": is a picture, and " + data.culprit + " " + held +
                "; name an array (.npy)" + (points ? ", a table (.csv)" : "") + " or a folder");
  return request;
}

Noising noising_of_numbers(Noising noising) {
  noising.alpha = AlphaChannel::noised;
  return noising;
}

}  // namespace diffusion
