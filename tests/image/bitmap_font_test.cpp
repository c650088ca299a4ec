#include "lib/image/bitmap_font.hpp"

#include <set>
#include <string>

#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

/// The text as it is drawn, '#' for ink, a line a row.
std::string drawn(const std::string& text, std::size_t scale = 1) {
  const TextExtent extent = text_extent(text, scale);
  Tensor image(Shape{extent.height, extent.width, 1}, 1.f);
  draw_text(image, text, {.top = 0, .left = 0, .scale = scale});
  std::string art;
  for (std::size_t y = 0; y < extent.height; ++y) {
    for (std::size_t x = 0; x < extent.width; ++x) art += image(y, x, 0) < 0 ? '#' : '.';
    art += '\n';
  }
  return art;
}

}  // namespace

TEST_CASE("letters are drawn as they look, side by side", "[image]") {
  CHECK(drawn("t=1") ==
        ".#............#..\n"
        ".#...........##..\n"
        "####..#####.#.#..\n"
        ".#............#..\n"
        ".#....#####...#..\n"
        ".#............#..\n"
        "..##........#####\n");
}

TEST_CASE("every character of ASCII has a glyph of its own", "[image]") {
  std::set<std::string> glyphs;
  for (char c = ' '; c <= '~'; ++c) glyphs.insert(drawn(std::string(1, c)));
  CHECK(glyphs.size() == 95);
  CHECK(drawn("\t") == drawn("?"));
  CHECK(drawn("\xc3") == drawn("?"));
  CHECK(drawn(" ").find('#') == std::string::npos);
}

TEST_CASE("lines stand below each other, each in the middle", "[image]") {
  CHECK(text_extent("", 1).height == 0);
  CHECK(text_extent("ab", 1).width == 11);
  CHECK(text_extent("abc\nd", 2).height == 34);
  CHECK(text_extent("abc\nd", 2).width == 34);
  const std::string art = drawn("abc\n|");
  const std::size_t row = 18;  // 17 pixels and the line's end
  CHECK(art.substr(10 * row, 17) == "........#........");
  const std::string twice = drawn("|", 2);
  CHECK(twice.substr(0, 11) == "....##....\n");
}
