// What is told of image sets, and what is no image of a set: pipes, notes, pixels that are not
// numbers.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <thread>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/image/image_file.hpp"
#include "lib/image/image_set.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/image_sets.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using namespace std::string_literals;
using Sizes = std::vector<std::size_t>;
using Names = std::vector<std::string>;

namespace {

Image flat(float value, std::size_t channels = 1) {
  Image image{Tensor(Shape{2, 3, channels}), Depth::uint8};
  image.pixels.fill(value);
  return image;
}

/// A white pixel of 24 bits.
std::string tiny_bmp() {
  std::string bmp(58, '\0');
  const auto put = [&](std::size_t at, unsigned value) { bmp[at] = char(value); };
  bmp.replace(0, 2, "BM");
  for (const auto& [at, value] :
       {std::pair(2u, 58u), {10u, 54u}, {14u, 40u}, {18u, 1u}, {22u, 1u}, {26u, 1u}, {28u, 24u}})
    put(at, value);
  for (unsigned at = 54; at < 57; ++at) put(at, 255);
  return bmp;
}

}  // namespace

TEST_CASE("what a folder holds besides pictures is passed over and told", "[image]") {
  test::Scratch scratch;
  const std::string folder = scratch / "s";
  write_image(scratch.write("s/a.png", ""), flat(1));
  const std::string png = read_file(scratch / "s/a.png");
  for (const char* name : {"s/1.jpg_large", "s/2", "s/3.dat"}) scratch.write(name, png);
  scratch.write("s/4.img", "P5 1 1 255\n\xff");
  scratch.write("s/5.dib", tiny_bmp());
  for (const auto& [name, text] : {std::pair("s/notes.txt", "P3 is how this text begins"),
                                   {"s/measures", "BMI is how this text begins"},
                                   {"s/dataset.json", R"({"labels": null})"},
                                   {"s/.hidden", "x"}})
    scratch.write(name, text);
  Names said, explained;
  const ImageSetOptions options{
      .telling = {.say = [&](const std::string& text) { said.push_back(text); },
                  .explain = [&](const std::string& text) { explained.push_back(text); }}};
  const auto all = entries({folder}, options);
  Names names;
  for (const auto& entry : all) names.push_back(entry.name);
  CHECK(names == Names{"1.jpg_large", "2", "3.dat", "4.img", "5.dib", "a.png"});
  for (const auto& entry : all) CHECK(entry.load().pixels(0, 0, 0) == 1);
  CHECK(said == Names{folder + ": 2 files are not pictures and were passed over; `verbose` lists "
                               "them"});
  CHECK(explained ==
        Names{folder + ": passed over: measures", folder + ": passed over: notes.txt"});
  std::filesystem::remove(scratch / "s/measures");
  entries({folder}, {.labels = scratch / "s/dataset.json", .telling = options.telling});
  CHECK(said.back() ==
        folder + ": 1 file is not a picture and was passed over; `verbose` lists it");
}

TEST_CASE("pipes among files are never opened, and fail by name", "[image]") {
  test::Scratch scratch;
  const std::string picture = scratch / "s/b.png", other = scratch / "s/control";
  write_image(scratch.write("s/a.png", ""), flat(1));
  REQUIRE(mkfifo(picture.c_str(), 0600) == 0);
  REQUIRE(mkfifo(other.c_str(), 0600) == 0);
  const auto all = entries({scratch / "s"});
  REQUIRE(all.size() == 2);
  CHECK_THROWS_WITH(all[1].load(), picture + ": is a pipe or a device, not a file");
  const auto listed = entries({}, {.list = FileList{scratch.write("list", picture + "\n")}});
  CHECK_THROWS_WITH(listed.at(0).load(), picture + ": is a pipe or a device, not a file");
}

TEST_CASE("files that nobody named are opened where they are files, else left out", "[image]") {
  test::Scratch scratch;
  const auto told = [&](const std::string& data) {
    std::vector<std::string> said;
    const auto say = [&](const std::string& message) { said.push_back(message); };
    for (const ImageEntry& entry : entries({data}, {.telling = {.say = say}})) {
      CHECK_FALSE(entry.label.has_value());
      entry.load();
    }
    return said;
  };
  const auto left_out = [](const std::string& path, const std::string& what) {
    return path + ": is " + what + ", not a file, and is left out";
  };
  write_image(scratch.write("s/a.png", ""), flat(1));
  std::filesystem::create_symlink("/dev/zero", scratch / "s/a.cls");
  REQUIRE(mkfifo((scratch / "s/a.json").c_str(), 0600) == 0);
  REQUIRE(mkfifo((scratch / "s/dataset.json").c_str(), 0600) == 0);
  const auto said = told(scratch / "s");
  REQUIRE(said.size() == 4);
  CHECK(said[0] == left_out(scratch / "s/a.cls", "a pipe or a device"));
  CHECK(said[1] == left_out(scratch / "s/a.json", "a pipe or a device"));
  CHECK(said[2] == left_out(scratch / "s/dataset.json", "a pipe or a device"));

  const std::string images =
      scratch.write("x-images-idx3-ubyte", "\0\0\x08\3\0\0\0\1\0\0\0\1\0\0\0\1x"s);
  const std::string labels = scratch / "x-labels-idx1-ubyte";
  std::filesystem::create_directory(labels);
  CHECK(told(images) == std::vector{left_out(labels, "a folder")});

  const std::string batch = scratch.write("b.bin", std::string(3073, '\1'));
  REQUIRE(mkfifo((scratch / "batches.meta.txt").c_str(), 0600) == 0);
  std::vector<std::string> names;
  const auto say = [&](const std::string& message) { names.push_back(message); };
  CHECK(open_images({batch}, {.telling = {.say = say}}).label_names.empty());
  CHECK(names == std::vector{left_out(scratch / "batches.meta.txt", "a pipe or a device")});
}

TEST_CASE("a pipe of its own is read once", "[image]") {
  test::Scratch scratch;
  const std::string pipe = scratch / "pipe.png";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const auto first_through = [&](const std::string& bytes) {
    std::thread writer([&] { AtomicFile(pipe).write(bytes); });
    const ImageSet set = open_images({pipe});
    writer.join();
    const auto entry = set.next();
    return std::pair(entry->name, entry->load().pixels(0, 0, 0));
  };
  write_image(scratch / "a.png", flat(1));
  CHECK(first_through(read_file(scratch / "a.png")) == std::pair("pipe.png"s, 1.f));
  CHECK(first_through(floats({2, 1, 3}, {0.5, 0, 0, 0, 0, 0})) == std::pair("pipe.png[0]"s, 0.5f));
}

TEST_CASE("a picture with values that are not finite fails by its name", "[image]") {
  test::Scratch scratch;
  for (const float odd : {NAN, INFINITY, -INFINITY})
    for (const char* name : {"a.tif", "a.exr", "a.npy"}) {
      Image image = flat(0);
      image.depth = Depth::float32;
      image.pixels(1, 2, 0) = odd;
      const std::string path = scratch.write("s/"s + name, "");
      if (path.ends_with(".npy"))
        scratch.write("s/a.npy", floats({2, 3, 1}, {image.pixels.begin(), image.pixels.end()}));
      else
        write_image(path, image);
      CHECK_THROWS_WITH(entries({scratch / "s"}).at(0).load(), StartsWith(path + ": "));
      std::filesystem::remove(path);
    }
}

TEST_CASE("floats that all lie in 0 to 1 are told of once their images are read", "[image]") {
  test::Scratch scratch;
  Names said;
  ImageSetOptions options{
      .telling = {.say = [&](const std::string& text) { said.push_back(text); }}};
  const auto remarks = [&](const std::string& name) {
    said.clear();
    const ImageSet set = open_images({scratch / name}, options);
    for (const auto& entry : entries(set)) entry.load();
    set.conclude();
    return said;
  };
  scratch.write("a.npy", floats({2, 1, 3}, {0, 0.5, 1, 1, 0.25, 0}));
  scratch.write("dark.npy", floats({2, 1, 3}, {0, 0.5, 1, 1, 0.25, -1e-3f}));
  scratch.write("flat.npy", floats({2, 1, 3}, {0, 0, 0, 0, 0, 0}));
  scratch.write("s/0.npy", floats({1, 1, 3}, {0, 0.5, 1}));
  scratch.write("s/1.npy", floats({1, 1, 3}, {0, 0.5, 1}));
  const Names of_array = remarks("a.npy");
  REQUIRE(of_array.size() == 1);
  CHECK_THAT(of_array[0], StartsWith(scratch / "a.npy: all values lie in 0 to 1") &&
                              EndsWith("if 0 is black, say `range` 0,1"));
  CHECK(remarks("s").size() == 1);
  CHECK(remarks("dark.npy").empty());
  CHECK(remarks("flat.npy").empty());
  options.range = {-1, 1};
  CHECK(remarks("a.npy").empty());
}

TEST_CASE("pictures of floats whose white is not 1 are told of once", "[image]") {
  test::Scratch scratch;
  Names said;
  const ImageSetOptions options{
      .telling = {.say = [&](const std::string& text) { said.push_back(text); }}};
  /// What is said of pictures of three such samples, v of 2 v - 1.
  const auto remarks = [&](const std::vector<std::array<float, 3>>& pictures) {
    std::filesystem::remove_all(scratch / "s");
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      Image image{Tensor(Shape{1, 3, 1}), Depth::float32};
      std::ranges::transform(pictures[i], image.pixels.data(), [](float v) { return 2 * v - 1; });
      write_image(scratch.write("s/" + std::to_string(i) + ".tif", ""), image);
    }
    said.clear();
    const ImageSet set = open_images({scratch / "s"}, options);
    for (const auto& entry : entries(set)) entry.load(), entry.load();
    set.conclude();
    return said;
  };
  const std::string folder = scratch / "s";
  CHECK(remarks({{0, 0, 200}, {0, 1, 254.5f}, {0, 1, 0.5f}}) ==
        Names{folder + ": floats up to 254.5 in 2 pictures, where 1 is white; if white is 255, "
                       "divide by it, or store arrays (.npy) and say `range` 0,255"});
  CHECK_THAT(remarks({{0, 40000, 65535}}).at(0), EndsWith("say `range` 0,65535"));
  CHECK(remarks({{0, 0.5f, 1}}).empty());
  CHECK(remarks({{0.1f, 0.9f, 40}}).empty());    // a lamp in a dark room
  CHECK(remarks({{1.1f, 1.2f, 1.9f}}).empty());  // snow
  CHECK(remarks({{-3, 5, 9}}).empty());          // noise
}

TEST_CASE("pictures of one name in two folders are two that were not turned", "[image]") {
  test::Scratch scratch;
  for (const char* name : {"a/1.jpg", "b/1.jpg"})
    scratch.write(name, read_file(TEST_DATA_DIR "/pictures/jpeg/orientation6.jpg"));
  Names said;
  const ImageSet set =
      open_images({scratch / "a", scratch / "b"},
                  {.telling = {.say = [&](const std::string& text) { said.push_back(text); }}});
  for (const auto& entry : entries(set)) entry.load();
  set.conclude();
  CHECK(said == Names{(scratch / "a") + " and others: 2 pictures say by EXIF how to turn them, "
                                        "which was not done; `orient` does it"});
}

TEST_CASE("opacity is laid on what is asked for, and white is told of", "[image]") {
  test::Scratch scratch;
  Image image = flat(-1, 4);
  image.pixels(0, 0, 3) = 1;
  write_image(scratch.write("s/a.png", ""), image);
  Names said;
  const Telling telling{.say = [&](const std::string& text) { said.push_back(text); }};
  const auto pixels = [&](const ImageSetOptions& options) {
    const ImageSet set = open_images({scratch / "s"}, options);
    const Tensor loaded = set.next()->load().pixels;
    set.conclude();
    REQUIRE((loaded.shape() == Shape{2, 3, 3}));
    return std::pair(loaded(0, 0, 0), loaded(1, 1, 1));
  };
  using P = std::pair<float, float>;
  CHECK(pixels({.opacity = Opacity{Colour{0, 0, 0}}, .telling = telling}) == P{-1, 0});
  CHECK(pixels({.opacity = Opacity{}, .telling = telling}) == P{-1, -1});
  CHECK(pixels(without_opacity({.opacity = Opacity{}, .telling = telling})) == P{-1, -1});
  CHECK(said.empty());
  CHECK(pixels(without_opacity({.telling = telling})) == P{-1, 1});
  CHECK(said == Names{(scratch / "s") + ": images that are not opaque are laid on white; `alpha` "
                                        "says otherwise"});
  image.pixels.fill(1);
  write_image(scratch / "s/a.png", image);
  said.clear();
  pixels(without_opacity({.telling = telling}));
  CHECK(said.empty());
}
