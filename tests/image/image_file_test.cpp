#include "lib/image/image_file.hpp"

#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/parallel.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

const std::string data = TEST_DATA_DIR "/image/";

float grey(std::size_t y, std::size_t x) { return float(x * 30 + y * 10); }
float rgb(std::size_t y, std::size_t x, std::size_t c) {
  return float(c == 0 ? x * 40 : c == 1 ? y * 60 : (x + y) * 20);
}
float alpha(std::size_t x) { return float((x + 1) * 30); }

/// 0..255, from [-1, 1].
double byte(float value) { return (double(value) + 1) * 127.5; }

template <class Want>
void check_pixels(const Image& image, std::size_t channels, Want want) {
  REQUIRE(image.pixels.shape() == Shape{5, 7, channels});
  for (std::size_t y = 0; y < 5; ++y)
    for (std::size_t x = 0; x < 7; ++x)
      for (std::size_t c = 0; c < channels; ++c)
        CHECK(byte(image.pixels(y, x, c)) == Approx(want(y, x, c)).margin(1e-4));
}

Image gradient(std::size_t channels, Depth depth) {
  Image image{Tensor(Shape{9, 6, channels}), depth};
  const auto steps = float(image.pixels.size() - 1);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels.data()[i] = 2 * float(i) / steps - 1;
  return image;
}

double largest_difference(const Tensor& a, const Tensor& b) {
  REQUIRE(a.shape() == b.shape());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, double(std::abs(a.data()[i] - b.data()[i])));
  return most;
}

}  // namespace

TEST_CASE("PNG of every kind is read as it is", "[image]") {
  const auto grey_of = [](auto y, auto x, auto) { return grey(y, x); };
  check_pixels(read_image(data + "grey.png"), 1, grey_of);
  for (const char* name : {"rgb.png", "rgb16.png", "bad-profile.png", "rgb.bmp", "rgb.ppm"}) {
    INFO(name);
    check_pixels(read_image(data + name), 3, rgb);
  }
  CHECK(read_image(data + "rgb.png").depth == Depth::uint8);
  CHECK(read_image(data + "rgb16.png").depth == Depth::uint16);
  const Image grey16 = read_image(data + "grey16.png");
  CHECK(grey16.depth == Depth::uint16);
  check_pixels(grey16, 1, [](auto y, auto x, auto) { return grey(y, x) + 1 / 257.f; });
  check_pixels(read_image(data + "bilevel.png"), 1,
               [](auto y, auto x, auto) { return grey(y, x) > 90 ? 255 : 0; });
}

TEST_CASE("alpha is kept, and not multiplied into the colours", "[image]") {
  check_pixels(read_image(data + "rgba.png"), 4,
               [](auto y, auto x, auto c) { return c == 3 ? alpha(x) : rgb(y, x, c); });
  check_pixels(read_image(data + "grey-alpha.png"), 2,
               [](auto y, auto x, auto c) { return c == 1 ? alpha(x) : grey(y, x); });
}

TEST_CASE("palettes become colours", "[image]") {
  const auto colour = [](auto, auto x, auto c) { return x % 3 == c ? 255 : 0; };
  check_pixels(read_image(data + "palette.png"), 3, colour);
  check_pixels(read_image(data + "palette-transparent.png"), 4, [&](auto y, auto x, auto c) {
    constexpr int transparency[] = {255, 128, 0};
    return c == 3 ? transparency[x % 3] : colour(y, x, c);
  });
}

TEST_CASE("other formats are read", "[image]") {
  const Image photo = read_image(data + "rgb.jpg");
  REQUIRE(photo.pixels.shape() == Shape{40, 56, 3});
  for (std::size_t c = 0; c < 3; ++c)
    CHECK(byte(photo.pixels(20, 28, c)) == Approx(rgb(2, 3, c)).margin(4));
  CHECK(read_image(data + "progressive.jpg").pixels.shape() == Shape{40, 56, 1});
  check_pixels(read_image(data + "rgb.webp"), 3, rgb);
  CHECK(read_image(data + "palette.gif").pixels.shape(1) == 7);
  const Image real = read_image(data + "float.tif");
  CHECK(real.depth == Depth::float32);
  CHECK(real.pixels(2, 6, 0) == Approx(2 * (200 / 100. - 0.5) - 1));
}

TEST_CASE("the first bytes say the format, not the name", "[image]") {
  test::Scratch scratch;
  scratch.write("photo.jpg", read_file(data + "grey.png"));
  CHECK(read_image(scratch / "photo.jpg").pixels.shape() == Shape{5, 7, 1});
}

TEST_CASE("what is no picture is refused with the reason", "[image]") {
  test::Scratch scratch;
  const auto refusal = [&](const std::string& bytes) {
    try {
      decode_image(bytes, "a.png");
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("read");
  };
  CHECK(refusal("") == "a.png: not an image that can be read (the file is empty)");
  CHECK_THAT(refusal("hello"), Contains("its first bytes are of no known format: PNG, JPEG, "));
  CHECK_THAT(refusal(read_file(data + "enormous.png")),
             Contains("100000 x 100000 pixels of 3 channels are too large"));
  CHECK_THAT(refusal(read_file(data + "bad-pixels.png")),
             Contains("a.png: not an image that can be read ("));
  std::string changed = read_file(data + "rgb.png");
  changed[changed.size() - 20] ^= 1;
  CHECK_THAT(refusal(changed), Contains("damaged: a check sum differs"));
  CHECK_THROWS_WITH(read_image(scratch / "missing.png"),
                    EndsWith("missing.png: cannot be read (No such file or directory)"));
}

TEST_CASE("a truncated picture is refused wherever it ends", "[image]") {
  for (const char* name : {"rgb.png", "grey16.png", "rgb.jpg", "progressive.jpg", "float.tif",
                           "rgb.bmp", "rgb.ppm", "rgb.webp"}) {
    const std::string whole = read_file(data + name);
    // 12: all of the data can be there although the end mark of a PNG is not.
    for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 97) {
      INFO(name << " " << size << " of " << whole.size());
      CHECK_THROWS_WITH(decode_image(whole.substr(0, size), "a"),
                        Contains("a: not an image that can be read ("));
    }
  }
}

TEST_CASE("8 and 16 bits round to nearest and clip", "[image]") {
  test::Scratch scratch;
  Image image{Tensor(Shape{1, 6, 1}), Depth::uint8};
  const float values[] = {-1.5f, -1, 0.5f / 127.5f - 1 + 1e-4f, 1, 7, std::nanf("")};
  std::copy_n(values, 6, image.pixels.data());
  write_image(scratch / "a.png", image);
  const Image back = read_image(scratch / "a.png");
  const double want[] = {0, 0, 1, 255, 255, 0};
  for (std::size_t i = 0; i < 6; ++i) CHECK(byte(back.pixels(0, i, 0)) == Approx(want[i]));
}

TEST_CASE("pictures read back as they were written", "[image]") {
  test::Scratch scratch;
  for (const std::size_t channels : {1, 2, 3, 4})
    for (const Depth depth : {Depth::uint8, Depth::uint16, Depth::float32}) {
      const Image image = gradient(channels, depth);
      for (const char* name : {"a.png", "a.tif", "a.exr"}) {
        INFO(name << " " << channels << " channels, depth " << int(depth));
        write_image(scratch / name, image);
        const Image back = read_image(scratch / name);
        const double step = back.depth == Depth::uint8    ? 1 / 255.
                            : back.depth == Depth::uint16 ? 1 / 65535.
                                                          : 1e-6;
        CHECK(largest_difference(back.pixels, image.pixels) <= step * 1.001);
        if (name == std::string("a.tif")) CHECK(back.depth == depth);
      }
      write_image(scratch / "a.jpg", image);
      CHECK(read_image(scratch / "a.jpg").pixels.shape(2) == (channels > 2 ? 3u : 1u));
    }
}

TEST_CASE("float formats hold (x + 1) / 2 unclipped", "[image]") {
  test::Scratch scratch;
  Image image{Tensor(Shape{1, 2, 3}), Depth::float32};
  image.pixels.fill(-4.25f);
  for (const char* name : {"a.exr", "a.tiff"}) {
    write_image(scratch / name, image);
    CHECK(read_image(scratch / name).pixels(0, 1, 2) == -4.25f);
  }
}

TEST_CASE("the same pixels give the same bytes", "[image]") {
  const Image image = gradient(3, Depth::uint8);
  for (const char* name : {"a.png", "a.jpg", "a.tif", "a.exr"}) {
    INFO(name);
    const std::string bytes = encode_image(name, image);
    CHECK(bytes == encode_image(name, image));
    const char* const year = "202";  // no clock time inside
    CHECK(bytes.find(year) == bytes.npos);
  }
}

TEST_CASE("a name that says no format is refused, and nothing is left", "[image]") {
  test::Scratch scratch;
  const Image image = gradient(3, Depth::uint8);
  CHECK_THROWS_WITH(write_image(scratch / "a.gif", image),
                    EndsWith("a.gif: no picture format that can be written by its name (has: PNG, "
                             "JPEG, TIFF, OpenEXR)"));
  CHECK_THROWS_WITH(write_image(scratch / "none/a.png", image), Contains("none/a.png: cannot be"));
  CHECK(std::filesystem::is_empty(scratch.folder()));
  CHECK(is_image_name("x/A.JPeG"));
  CHECK_FALSE(is_image_name("notes.txt"));
  CHECK(is_image_name("a.gif"));
  CHECK_FALSE(is_writable_image_name("a.gif"));
}

TEST_CASE("threads read and write pictures side by side", "[image]") {
  const Image image = gradient(3, Depth::uint8);
  const std::string want = encode_image("a.png", image);
  parallel_for(64, [&](std::size_t) {
    const std::string bytes = encode_image("a.png", image);
    if (bytes != want || decode_image(bytes, "a").pixels.size() != image.pixels.size())
      throw Error("differs");
  });
}

TEST_CASE("rows for which a header claims all memory are refused before they are read", "[image]") {
  std::string bytes = read_file(TEST_DATA_DIR "/pictures/exr/grey-L.exr");
  constexpr std::string_view window("dataWindow\0box2i\0\x10\0\0\0", 21);
  const std::size_t last_column = bytes.find(window) + window.size() + 8;
  bytes[last_column + 2] = '\x7f';  // 8 million columns of 5 rows, which are values enough
  CHECK_THROWS_WITH(decode_image(bytes, "a"), Contains("its rows are too wide: 8323079 pixels"));
}
