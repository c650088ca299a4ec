#include "tools/noise/points.hpp"

#include <memory>

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"

namespace diffusion {

PointsOrImages open_data(const NoiseRequest& request) {
  const bool one = request.data.size() == 1 && !request.reading.list;
  if (!one) return {.images = open_images(request.data, request.reading)};
  const std::string& data = request.data.front();
  if (!is_stream(data)) {
    auto points = read_points(data);
    if (points) return {.points = std::move(points)};
    return {.images = open_images(request.data, request.reading)};
  }
  auto stream = std::make_shared<InputFile>(data);
  if (auto points = read_points(*stream, data)) return {.points = std::move(points)};
  return {.images = open_image_stream(std::move(stream), data, request.reading)};
}

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
