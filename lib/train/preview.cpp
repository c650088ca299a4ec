#include "lib/train/preview.hpp"

#include <algorithm>
#include <memory>

#include "lib/base/error.hpp"
#include "lib/image/contact_sheet.hpp"
#include "lib/image/image_file.hpp"
#include "lib/models/model_denoiser.hpp"
#include "lib/noise/wrappers.hpp"
#include "lib/sample/generate.hpp"
#include "lib/schedule/grids/grid.hpp"

namespace diffusion {
namespace {

constexpr std::size_t columns = 8, most_rows = 10;
constexpr int most_steps = 25;

Shape sample_shape(const TrainingSet& images) {
  return {images.height(), images.width(), images.channels()};
}

/// Classes by rows; without classes empty.
std::vector<int> labels_of_sheet(const TrainingSet& images) {
  const std::size_t rows = std::min(most_rows, images.classes());
  std::vector<int> labels(rows * columns);
  for (std::size_t n = 0; n < labels.size(); ++n) labels[n] = int(n / columns);
  return labels;
}

/// Writes samples `part` of the sheet to `out`, H x W x C each.
void draw(const Network& network, const Trainer& trainer, const Range& part, std::span<float> out) {
  const Schedule& schedule = trainer.schedule();
  std::vector<int> labels = labels_of_sheet(trainer.images());
  if (!labels.empty()) labels = {&labels[part.first], &labels[part.first] + part.count};
  // The denoiser lives no longer than the network that it is lent.
  const std::shared_ptr<const Network> lent(&network, [](const Network*) {});
  const DenoiserOf denoiser = [&](std::size_t, std::size_t) {
    return clipped(model_denoiser(lent, {trainer.config().prediction, schedule.path}, labels));
  };
  const auto grid = load_grid("trailing", schedule, std::min(most_steps, schedule.steps()));
  const NoiseSource noise(0, "diff-sample");
  generate({.shape = sample_shape(trainer.images()),
            .first = part.first,
            .count = part.count,
            .batch = part.count},
           {denoiser, make_sampler("ddim"), grid, schedule.path, noise}, {},
           [&](std::size_t, const Tensor& samples) { std::ranges::copy(samples, out.begin()); });
}

/// The samples of the sheet, drawn by all ranks; none where one was interrupted.
std::vector<Image> draw_sheet(Trainer& trainer) {
  const TrainingSet& images = trainer.images();
  const std::size_t labels = labels_of_sheet(images).size(), each = images.image_size();
  const std::size_t count = labels > 0 ? labels : columns * columns;
  const auto runs = runs_of(trainer.ranks(), count);
  const Range own = runs[trainer.ranks().rank];
  std::vector<float> samples(count * each);
  int drawn = 1;
  trainer.with_average([&](const Network& network) {
    try {
      if (own.count > 0)
        draw(network, trainer, own, std::span(samples).subspan(own.first * each, own.count * each));
    } catch (const Interrupted&) {
      drawn = 0;
    }
  });
  if (std::ranges::min(of_all(trainer.ranks(), drawn)) == 0) return {};
  gather(trainer.ranks(), runs, std::as_writable_bytes(std::span(samples)), each * sizeof(float));
  std::vector<Image> pictures;
  for (std::size_t n = 0; n < count; ++n) {
    Tensor pixels(sample_shape(images));
    std::copy_n(samples.begin() + std::ptrdiff_t(n * each), each, pixels.begin());
    pictures.push_back({std::move(pixels), Depth::uint8});
  }
  return pictures;
}

}  // namespace

bool write_preview(Trainer& trainer, const std::string& path) {
  const std::vector<Image> pictures = draw_sheet(trainer);
  if (!pictures.empty() && trainer.ranks().first())
    write_image(path, contact_sheet(pictures, {.columns = columns, .scale = 0}));
  return !pictures.empty();
}

}  // namespace diffusion
