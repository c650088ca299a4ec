#include "lib/train/model_config.hpp"

#include "lib/base/error.hpp"

namespace diffusion {
namespace {

/// A network of pictures would take a point for a single pixel.
void need_network_of_points(const NetworkInfo& row, const TrainingSet& images) {
  const bool points = images.units.any() && images.height() == 1 && images.width() == 1;
  if (!points || row.takes == NetworkData::points) return;
  throw Error("model._class_name: " + std::string(row.name) +
              " is for images, and these are points of " + std::to_string(images.channels()) +
              " numbers; `network` mlp takes them");
}

}  // namespace

Json fitting_model(Json model, const TrainingSet& images, VarianceOutput variance) {
  const NetworkInfo& row = network_row(model);
  need_network_of_points(row, images);
  return row.fit(std::move(model), {.sides = {images.height(), images.width()},
                                    .channels = images.channels(),
                                    .classes = images.classes(),
                                    .variance = variance});
}

}  // namespace diffusion
