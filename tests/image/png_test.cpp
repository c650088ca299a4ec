#include "lib/image/png.hpp"

#include <vector>

#include "lib/image/image_file.hpp"
#include "lib/image/pixels.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

/// Slopes, edges and noise, so that each of the five filters has rows that it suits.
template <class Sample>
std::vector<Sample> varied(const PngLayout& layout) {
  std::vector<Sample> samples(layout.height * layout.width * layout.channels);
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::size_t y = i / layout.channels / layout.width,
                      x = i / layout.channels % layout.width;
    state = state * 1664525 + 1013904223;
    samples[i] = Sample(y % 5 == 0   ? state >> 16
                        : y % 5 == 1 ? x * 300
                        : y % 5 == 2 ? y * 1000
                        : y % 5 == 3 ? (x + y) * 700 + i % layout.channels
                                     : (x > 5 ? 60000 : 90));
  }
  return samples;
}

/// What the library that reads pictures makes of the file.
template <class Sample>
void check_read_back(const PngLayout& layout, Depth depth) {
  const auto samples = varied<Sample>(layout);
  std::vector<float> want(samples.size());
  to_values(std::span(samples), want.data());
  for (const PngEffort effort : {PngEffort::usual, PngEffort::quick}) {
    const Image back = decode_image(png_bytes(layout, std::span(samples), effort), "a.png");
    CHECK(back.depth == depth);
    REQUIRE(back.pixels.shape() == Shape{layout.height, layout.width, layout.channels});
    CHECK(std::equal(want.begin(), want.end(), back.pixels.begin()));
  }
}

}  // namespace

TEST_CASE("pictures of all kinds are what readers of PNG see", "[image]") {
  for (std::size_t channels = 1; channels <= 4; ++channels)
    for (const std::size_t width : {1, 2, 13, 200}) {
      INFO(channels << " channels, width " << width);
      check_read_back<std::uint8_t>({11, width, channels}, Depth::uint8);
      check_read_back<std::uint16_t>({11, width, channels}, Depth::uint16);
    }
}

TEST_CASE("a slope packs well, and effort tells", "[image]") {
  const PngLayout layout{256, 256, 3};
  std::vector<std::uint8_t> slope(256 * 256 * 3);
  for (std::size_t i = 0; i < slope.size(); ++i) slope[i] = std::uint8_t(i / 3 % 256 + i / 768);
  const std::size_t usual = png_bytes(layout, slope, PngEffort::usual).size();
  CHECK(usual < 2000);
  CHECK(usual < png_bytes(layout, slope, PngEffort::quick).size() / 10);
}
