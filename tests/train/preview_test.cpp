#include "lib/train/preview.hpp"

#include "lib/image/image_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/linear_network.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

TrainingSet grey_images(std::size_t classes) {
  TrainingSet images(4, 4, 1);
  for (std::size_t i = 0; i < 4; ++i)
    images.add(std::vector<float>(16, 0), Depth::uint8,
               classes > 0 ? std::optional<int>(int(i % classes)) : std::nullopt);
  return images;
}

Image preview_of(const TrainingSet& images, const test::Scratch& scratch, const char* name) {
  Json config = default_config();
  set_config(config, "train.batch", "2");
  Trainer trainer(std::make_unique<test::LinearNetwork>(), images, make_schedule("cosine:T=10"),
                  config);
  trainer.step();
  write_preview(trainer, scratch / name);
  return read_image(scratch / name);
}

}  // namespace

TEST_CASE("a preview is a square sheet of samples, always the same", "[train]") {
  const test::Scratch scratch;
  const TrainingSet images = grey_images(0);
  const Image sheet = preview_of(images, scratch, "a.png");
  CHECK(sheet.pixels.shape(0) == sheet.pixels.shape(1));
  preview_of(images, scratch, "b.png");
  CHECK(read_file(scratch / "a.png") == read_file(scratch / "b.png"));
}

TEST_CASE("a preview has a row for each class", "[train]") {
  const test::Scratch scratch;
  const Image one = preview_of(grey_images(1), scratch, "a.png");
  const Image three = preview_of(grey_images(3), scratch, "b.png");
  CHECK(one.pixels.shape(1) == three.pixels.shape(1));
  // Rows of one height, with a gap around each.
  const std::size_t row = one.pixels.shape(0), rows = three.pixels.shape(0);
  CHECK(rows > 2 * row);
  CHECK(rows < 3 * row);
}
