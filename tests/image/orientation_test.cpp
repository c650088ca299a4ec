#include "lib/image/orientation.hpp"

#include <cmath>

#include "lib/image/image_file.hpp"
#include "lib/image/image_set.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using namespace std::string_literals;

namespace {

const std::string pictures = TEST_DATA_DIR "/pictures/";

/// A TIFF directory that says one thing, in either order and in either size.
std::string tiff_header(bool big_endian, bool big, int orientation) {
  std::string out = big_endian ? "MM" : "II";
  const auto put = [&](std::size_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      out += char(value >> 8 * (big_endian ? size - 1 - i : i));
  };
  put(big ? 43 : 42, 2);
  if (big) put(8, 2), put(0, 2), put(16, 8), put(1, 8);
  if (!big) put(8, 4), put(1, 2);
  put(274, 2), put(3, 2), put(1, big ? 8 : 4), put(std::size_t(orientation), 2);
  return out;
}

}  // namespace

// By Pillow 13.0.0's ImageOps.exif_transpose.
TEST_CASE("pictures are turned as Pillow turns them", "[image]") {
  Tensor image(Shape{2, 3, 1});
  for (std::size_t i = 0; i < 6; ++i) image.data()[i] = float(i);
  const std::vector<std::vector<float>> turned = {
      {0, 1, 2, 3, 4, 5}, {2, 1, 0, 5, 4, 3}, {5, 4, 3, 2, 1, 0}, {3, 4, 5, 0, 1, 2},
      {0, 3, 1, 4, 2, 5}, {3, 0, 4, 1, 5, 2}, {5, 2, 4, 1, 3, 0}, {2, 5, 1, 4, 0, 3}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    INFO(orientation);
    const Tensor out = upright(image, orientation);
    CHECK(out.shape() == (orientation < 5 ? Shape{2, 3, 1} : Shape{3, 2, 1}));
    CHECK(std::vector<float>(out.begin(), out.end()) == turned[std::size_t(orientation) - 1]);
  }
}

TEST_CASE("EXIF is found in every format that has it", "[image]") {
  CHECK(read_image(pictures + "jpeg/orientation6.jpg").orientation == 6);
  CHECK(read_image(pictures + "tiff/orientation6.tif").orientation == 6);
  CHECK(read_image(pictures + "webp/orientation3.webp").orientation == 3);
  CHECK(read_image(pictures + "png/orientation8.png").orientation == 8);
  CHECK(read_image(pictures + "png/rgb8.png").orientation == 1);
  for (const bool big_endian : {false, true})
    for (const bool big : {false, true}) {
      INFO(big_endian << big);
      const std::string header = tiff_header(big_endian, big, 5);
      CHECK(orientation_of(FileKind::tiff, header) == 5);
      CHECK(orientation_of(FileKind::tiff, header.substr(0, header.size() - 1)) == 1);
      CHECK(orientation_of(FileKind::tiff, tiff_header(big_endian, big, 9)) == 1);
    }
}

TEST_CASE("a set's pictures are turned where this is asked for, else named", "[image]") {
  const std::string path = pictures + "jpeg/orientation6.jpg";
  std::vector<std::string> said;
  const Telling telling{.say = [&](const std::string& message) { said.push_back(message); }};
  const auto read = [&](bool orient) {
    ImageSet set = open_images({path}, {.orient = orient, .telling = telling});
    const ImageEntry entry = *set.next();
    Image image = entry.load();
    entry.load();  // a second time
    set.conclude();
    return image;
  };
  const Image stored = read(false);
  CHECK(stored.pixels.shape() == Shape{20, 28, 3});
  CHECK(said == std::vector{path + ": 1 picture says by EXIF how to turn it, which was not done; " +
                            "`orient` does it"});
  CHECK((read(true).pixels == upright(stored.pixels, 6)));
  CHECK(said.size() == 1);
}

TEST_CASE("16 bits become what Pillow sees", "[image]") {
  const auto samples = [](const std::string& name) {
    Image image = open_images({pictures + name}, {.sixteen = SixteenBits::pillow}).next()->load();
    CHECK(image.depth == Depth::uint8);
    for (float& value : image.pixels) value = (value + 1) * 127.5f;
    return image.pixels;
  };
  const Tensor grey = samples("png/grey16.png"), rgb = samples("png/rgb16.png");
  CHECK(grey(0, 0, 0) == Approx(0));  // (0, 1) is 30 * 257 - 30 % 7 * 2
  CHECK(grey(0, 1, 0) == Approx(255));
  const Image whole = read_image(pictures + "png/rgb16.png");
  for (std::size_t i = 0; i < rgb.size(); ++i)
    CHECK(std::lround(rgb.data()[i]) == std::lround((whole.pixels.data()[i] + 1) * 32767.5f) / 256);
}
