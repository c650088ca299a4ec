#include "lib/train/model_config.hpp"

namespace diffusion {

Json fitting_model(Json model, const TrainingSet& images, VarianceOutput variance) {
  const NetworkInfo& row = network_row(model);
  return row.fit(std::move(model), {.sides = {images.height(), images.width()},
                                    .channels = images.channels(),
                                    .classes = images.classes(),
                                    .variance = variance});
}

}  // namespace diffusion
