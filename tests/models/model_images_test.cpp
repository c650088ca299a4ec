// Images as a model needs them: one behaviour, whoever asks.
#include "lib/models/model_images.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/image/image_file.hpp"

#include "lib/tensor/stack.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;

namespace {

/// A picture of 1 x 2 pixels of as many channels as there are numbers for one.
std::string picture(const test::Scratch& scratch, const std::string& name,
                    const std::vector<float>& pixels) {
  Image image{Tensor(Shape{1, 2, pixels.size() / 2}), Depth::uint8};
  std::ranges::copy(pixels, image.pixels.begin());
  write_image(scratch / name, image);
  return scratch / name;
}

std::vector<float> rounded(const Tensor& values) {
  std::vector<float> out;
  for (const float value : values) out.push_back(std::round(value * 100) / 100);
  return out;
}

}  // namespace

TEST_CASE("images come in the model's channels, as one batch", "[models]") {
  const test::Scratch scratch;
  picture(scratch, "a.png", {1, -1});
  picture(scratch, "b.png", {1, 1, 1, -1, -1, -1});
  for (const std::size_t channels : {1, 3}) {
    const ModelImages images = load_model_images({scratch / ""}, {1, 2, channels});
    CHECK(images.pixels.shape() == Shape{2, 1, 2, channels});
    CHECK(images.names == std::vector<std::string>{"a.png", "b.png"});
    CHECK(images.depth == Depth::uint8);
    CHECK(images.failures.empty());
    for (std::size_t n = 0; n < 2; ++n) {
      CHECK(row_of(images.pixels, n).front() == 1);
      CHECK(row_of(images.pixels, n).back() == -1);
    }
  }
}

TEST_CASE("what is not opaque lies on white, or shows its colours", "[models]") {
  const test::Scratch scratch;
  const std::string path = picture(scratch, "a.png", {-1, -1, -1, -1, 0.6f, 0.6f, 0.6f, 1});
  const Shape grey{1, 2, 1};
  CHECK(rounded(load_model_images({path}, grey).pixels) == std::vector<float>{1, 0.6f});
  CHECK(rounded(load_model_images({path}, grey, {.reading = {.opacity = Opacity{}}}).pixels) ==
        std::vector<float>{-1, 0.6f});
  CHECK(load_model_images({path}, {1, 2, 4}).pixels.data()[3] == -1);  // a model of opacity
}

TEST_CASE("images that the model cannot take are left out and named", "[models]") {
  const test::Scratch scratch;
  picture(scratch, "a.png", {1, -1});
  scratch.write("b.png", "not a picture");
  write_image(scratch / "c.png", {testing::filled({2, 2, 1}, 0), Depth::uint8});
  picture(scratch, "d.png", {0, 0});
  const ModelImages images = load_model_images({scratch / ""}, {1, 2, 1});
  CHECK(images.names == std::vector<std::string>{"a.png", "d.png"});
  REQUIRE(images.failures.size() == 2);
  CHECK_THAT(images.failures[0], Contains("b.png: "));
  CHECK(images.failures[1] ==
        (scratch / "c.png") +
            ": is 2 x 2 x 1 where the model needs 1 x 2 x 1; `size` 1x2 makes it fit");
  CHECK(load_model_images({scratch / ""}, {1, 2, 1}, {.most = 1}).failures.empty());
  const ImageSetOptions resized{.size = {{1, 2}}};
  CHECK(load_model_images({scratch / ""}, {1, 2, 1}, {.reading = resized}).size() == 3);
}

TEST_CASE("where no image is left the first failure says why", "[models]") {
  const test::Scratch scratch;
  const std::string path = picture(scratch, "a.png", {1, -1});
  CHECK_THROWS_WITH(
      load_model_images({path}, {1, 2, 2}),
      path +
          ": is 1 x 2 x 1 where the model needs 1 x 2 x 2; an array (.npy) of N x 1 x 2 x 2 fits");
  picture(scratch, "b.png", {1, -1});
  CHECK_THROWS_WITH(load_model_images({scratch / ""}, {3, 2, 1}),
                    path +
                        ": is 1 x 2 x 1 where the model needs 3 x 2 x 1; `size` 3x2 makes it "
                        "fit (nor can the other image be used)");
}

TEST_CASE("labels and their names come with the images", "[models]") {
  const test::Scratch scratch;
  for (const char* name : {"round", "square"}) std::filesystem::create_directories(scratch / name);
  picture(scratch, "round/a.png", {1, -1});
  picture(scratch, "square/b.png", {1, -1});
  const ModelImages images = load_model_images({scratch / ""}, {1, 2, 1});
  CHECK(images.labels == std::vector<std::optional<int>>{0, 1});
  CHECK(images.label_names == std::vector<std::string>{"round", "square"});
}
