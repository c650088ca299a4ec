#include "lib/image/contact_sheet.hpp"

#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

Image flat(std::size_t height, std::size_t width, std::vector<float> colour) {
  Image image{Tensor(Shape{height, width, colour.size()}), Depth::uint8};
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels.data()[i] = colour[i % colour.size()];
  return image;
}

}  // namespace

TEST_CASE("a sheet lays pictures out row by row on white", "[image]") {
  const std::vector<Image> pictures{flat(2, 3, {-1}), flat(2, 3, {0}), flat(2, 3, {-0.5f})};
  const Image sheet = contact_sheet(pictures, {.columns = 2, .gap = 1});
  REQUIRE(sheet.pixels.shape() == Shape{7, 9, 1});
  CHECK(sheet.pixels(0, 0, 0) == 1);
  CHECK(sheet.pixels(1, 1, 0) == -1);
  CHECK(sheet.pixels(2, 3, 0) == -1);
  CHECK(sheet.pixels(1, 4, 0) == 1);
  CHECK(sheet.pixels(1, 5, 0) == 0);
  CHECK(sheet.pixels(4, 1, 0) == -0.5f);
  CHECK(sheet.pixels(4, 5, 0) == 1);
}

TEST_CASE("a sheet is as square as can be, and enlarges pixels", "[image]") {
  const std::vector<Image> pictures(5, flat(4, 4, {0}));
  CHECK(contact_sheet(pictures, {.gap = 0}).pixels.shape() == Shape{8, 12, 1});
  CHECK(contact_sheet(pictures, {.gap = 0, .scale = 3}).pixels.shape() == Shape{24, 36, 1});
  CHECK(contact_sheet({}, {.gap = 2}).pixels.shape() == Shape{2, 5, 1});
}

TEST_CASE("pictures that differ share a sheet", "[image]") {
  const std::vector<Image> pictures{flat(1, 1, {-9}), flat(3, 3, {-1, 0, 7}),
                                    flat(3, 3, {-1, -1, -1, 0})};
  const Image sheet = contact_sheet(pictures, {.columns = 3, .gap = 0});
  REQUIRE(sheet.pixels.shape() == Shape{3, 9, 3});
  CHECK(sheet.pixels(1, 1, 2) == -1);  // in the middle of its cell, clipped
  CHECK(sheet.pixels(0, 0, 0) == 1);
  CHECK(sheet.pixels(0, 3, 0) == -1);
  CHECK(sheet.pixels(0, 3, 2) == 1);
  CHECK(sheet.pixels(0, 6, 0) == 0);  // half of white shines through
}
