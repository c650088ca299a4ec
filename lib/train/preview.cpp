#include "lib/train/preview.hpp"

#include <algorithm>
#include <memory>

#include "lib/image/contact_sheet.hpp"
#include "lib/image/image_file.hpp"
#include "lib/models/model_denoiser.hpp"
#include "lib/noise/wrappers.hpp"
#include "lib/sample/generate.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "lib/tensor/stack.hpp"

namespace diffusion {
namespace {

constexpr std::size_t columns = 8, most_rows = 10;
constexpr int most_steps = 25;

/// Classes by rows; without classes empty.
std::vector<int> labels_of_sheet(const TrainingSet& images) {
  const std::size_t rows = std::min(most_rows, images.classes());
  std::vector<int> labels(rows * columns);
  for (std::size_t n = 0; n < labels.size(); ++n) labels[n] = int(n / columns);
  return labels;
}

std::vector<Image> draw(const Network& network, const Trainer& trainer) {
  const TrainingSet& images = trainer.images();
  const Schedule& schedule = trainer.schedule();
  const std::vector<int> labels = labels_of_sheet(images);
  // The denoiser lives no longer than the network that it is lent.
  const std::shared_ptr<const Network> lent(&network, [](const Network*) {});
  const DenoiserOf denoiser = [&](std::size_t, std::size_t) {
    return clipped(model_denoiser(lent, {trainer.config().prediction, schedule.path}, labels));
  };
  const Shape shape{images.height(), images.width(), images.channels()};
  const std::size_t count = labels.empty() ? columns * columns : labels.size();
  const auto grid = load_grid("trailing", schedule, std::min(most_steps, schedule.steps()));
  const NoiseSource noise(0, "diff-sample");
  std::vector<Image> pictures;
  generate({.shape = shape, .count = count, .batch = count},
           {denoiser, make_sampler("ddim"), grid, schedule.path, noise}, {},
           [&](std::size_t, const Tensor& samples) {
             for (std::size_t n = 0; n < count; ++n)
               pictures.push_back({unstacked(samples, n), Depth::uint8});
           });
  return pictures;
}

}  // namespace

void write_preview(Trainer& trainer, const std::string& path) {
  std::vector<Image> pictures;
  trainer.with_average([&](const Network& network) { pictures = draw(network, trainer); });
  write_image(path, contact_sheet(pictures, {.columns = columns, .scale = 0}));
}

}  // namespace diffusion
