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
  CHECK(contact_sheet(std::vector<Image>(1, flat(4, 4, {0})), {.gap = 0, .scale = 0})
            .pixels.shape() == Shape{64, 64, 1});
  CHECK(contact_sheet(std::vector<Image>(1, flat(1, 300, {0})), {.gap = 0, .scale = 0})
            .pixels.shape() == Shape{3, 900, 1});
  CHECK(contact_sheet(std::vector<Image>(), {.gap = 2}).pixels.shape() == Shape{2, 5, 1});
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

TEST_CASE("labels stand above the columns and before the rows", "[image]") {
  const std::vector<Image> pictures(4, flat(70, 70, {0}));
  const SheetLayout plain{.columns = 2, .gap = 3};
  SheetLayout labelled = plain;
  labelled.column_labels = {"t=1\nSNR 2", ""};
  labelled.row_labels = {"|"};
  const Tensor before = contact_sheet(pictures, plain).pixels;
  const Tensor sheet = contact_sheet(pictures, labelled).pixels;
  // Two lines of 7 with 3 between, one glyph of 5, each with a gap of 3 + 2.
  REQUIRE(sheet.shape() == Shape{before.shape(0) + 22, before.shape(1) + 10, 1});
  for (std::size_t y = 22; y < sheet.shape(0); ++y)
    for (std::size_t x = 10; x < sheet.shape(1); ++x)
      REQUIRE(sheet(y, x, 0) == before(y - 22, x - 10, 0));
  CHECK(sheet(3 + 22 + 35, 5, 0) == -1);      // the bar, in the middle of the first row
  CHECK(sheet(3 + 22 + 73 + 35, 5, 0) == 1);  // none before the second
  std::size_t ink = 0;
  for (std::size_t y = 0; y < 20; ++y)
    for (std::size_t x = 13; x < 83; ++x) ink += sheet(y, x, 0) == -1;
  CHECK(ink > 50);
}

TEST_CASE("a column is as wide as its label, and letters grow with the pictures", "[image]") {
  const std::vector<Image> small(1, flat(4, 4, {0})), large(1, flat(400, 400, {0}));
  const Tensor wide =
      contact_sheet(small, {.columns = 1, .gap = 0, .column_labels = {"SNR 0.001"}}).pixels;
  CHECK(wide.shape(1) == 9 * 6 - 1);
  const Tensor high =
      contact_sheet(large, {.columns = 1, .gap = 0, .column_labels = {"SNR 0.001"}}).pixels;
  CHECK(high.shape(0) == 400 + 4 * (7 + 2));
}

TEST_CASE("pictures may be made when they are asked for", "[image]") {
  std::vector<Image> pictures;
  for (const float grey : {-1.f, 0.f, 1.f}) pictures.push_back({Tensor(Shape{3, 2, 1}, grey)});
  const SheetLayout layout{.scale = 2, .row_labels = {"a"}};
  const Image sheet = contact_sheet({3, [&](std::size_t i) { return pictures[i]; }}, layout);
  CHECK((sheet.pixels == contact_sheet(pictures, layout).pixels));
}

TEST_CASE("a sheet of very many pictures does not enlarge them", "[image]") {
  const Image small{Tensor(Shape{8, 8, 1}, 0.0f)};
  const auto height = [&](std::size_t count) {
    return contact_sheet({count, [&](std::size_t) { return small; }},
                         {.columns = 100, .gap = 0, .scale = 0})
               .pixels.shape(0) /
           (count / 100);
  };
  CHECK(height(400) == 64);
  CHECK(height(20000) == 40);  // 20000 x 40 x 40 values are just below 2^25
}
