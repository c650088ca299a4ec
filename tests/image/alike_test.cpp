#include "lib/image/alike.hpp"

#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

Tensor pixel(const std::vector<float>& values) {
  Tensor image(Shape{1, 1, values.size()});
  std::copy(values.begin(), values.end(), image.data());
  return image;
}

}  // namespace

TEST_CASE("colours are names and hexadecimal digits", "[image]") {
  CHECK(parse_colour("white") == Colour{1, 1, 1});
  CHECK(parse_colour("#000000") == parse_colour("black"));
  CHECK(parse_colour("#FF00ff") == Colour{1, -1, 1});
  CHECK(parse_colour("#808080").value()[0] == Approx(1 / 255.0).epsilon(1e-4));
  for (const char* bad : {"", "#", "#12345", "#1234567", "#-10000", "#gg0000", "White", "123456 "})
    CHECK_FALSE(parse_colour(bad));
}

TEST_CASE("opacity mixes colours with the ground", "[image]") {
  const Colour red{1, -1, -1}, white{1, 1, 1};
  CHECK((flattened(pixel({-1, 0, 1, 0}), white) == pixel({0, 0.5f, 1})));
  CHECK((flattened(pixel({-1, 0.25f, 1, 1}), white) == pixel({-1, 0.25f, 1})));
  CHECK((flattened(pixel({-1, 0, 1, -1}), red) == pixel({1, -1, -1})));
  CHECK((flattened(pixel({0.5f, -1}), white) == pixel({1})));
  CHECK((flattened(pixel({0.5f, 0}), red) == pixel({0.75f, -0.25f, -0.25f})));
  CHECK((flattened(pixel({0.5f}), red) == pixel({0.5f})));
  CHECK((flattened(pixel({0.5f, 0, 0}), red) == pixel({0.5f, 0, 0})));
}
