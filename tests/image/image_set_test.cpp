#include "lib/image/image_set.hpp"

#include <sys/stat.h>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/fnv1a.hpp"
#include "lib/image/array_images.hpp"
#include "lib/image/image_file.hpp"
#include "lib/image/labels.hpp"
#include "lib/tensor/formats/npz.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/image_sets.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using namespace std::string_literals;
using Sizes = std::vector<std::size_t>;
using Names = std::vector<std::string>;

namespace {

/// A .npy of `count` elements 0, 1, 2, ... of one byte each.
std::string counting_bytes(const Sizes& shape) {
  std::string data;
  std::size_t count = 1;
  for (const std::size_t extent : shape) count *= extent;
  for (std::size_t i = 0; i < count; ++i) data += char(i);
  return npy_bytes(NpyType::uint8, shape, data);
}

Image flat(float value, std::size_t channels = 1) {
  Image image{Tensor(Shape{2, 3, channels}), Depth::uint8};
  image.pixels.fill(value);
  return image;
}

std::vector<std::optional<int>> labels_in(const std::vector<ImageEntry>& all) {
  std::vector<std::optional<int>> labels;
  for (const auto& entry : all) labels.push_back(entry.label);
  return labels;
}

}  // namespace

TEST_CASE("the axes of arrays are told apart as documented", "[image]") {
  const auto axes = [](const Sizes& shape, std::optional<std::string> layout = {}) {
    const PictureAxes a = picture_axes(shape, layout, "a.npy");
    return Sizes{a.count, a.height, a.width, a.channels, a.channel_axis == ChannelAxis::first};
  };
  CHECK(axes({10, 32, 28, 3}) == Sizes{10, 32, 28, 3, 0});
  CHECK(axes({10, 3, 32, 28}) == Sizes{10, 32, 28, 3, 1});
  CHECK(axes({10, 1, 28, 28}) == Sizes{10, 28, 28, 1, 1});
  CHECK(axes({10, 28, 30}) == Sizes{10, 28, 30, 1, 0});
  CHECK(axes({28, 30, 3}) == Sizes{1, 28, 30, 3, 0});
  CHECK(axes({28, 30, 1}) == Sizes{28, 30, 1, 1, 0});
  CHECK(axes({10, 3, 32, 3}, "nhwc") == Sizes{10, 3, 32, 3, 0});
  CHECK(axes({10, 3, 32, 3}, "nchw") == Sizes{10, 32, 3, 3, 1});
  CHECK(axes({3, 28, 30}, "chw") == Sizes{1, 28, 30, 3, 1});
  CHECK_THROWS_WITH(axes({10, 3, 32, 3}), Contains("a.npy: an array of 10 x 3 x 32 x 3: which axis "
                                                   "is the channels? Say `layout` nhwc or"));
  CHECK_THROWS_WITH(axes({10, 32, 28, 2}), Contains("which axis is the channels?"));
  CHECK_THROWS_WITH(axes({10, 16, 16, 16}), Contains("which axis is the channels?"));
  CHECK_THROWS_WITH(axes({10, 12, 6, 6}), Contains("which axis is the channels?"));
  CHECK(axes({10, 32, 32, 2}) == Sizes{10, 32, 32, 2, 0});
  CHECK(axes({10, 16, 32, 32}) == Sizes{10, 32, 32, 16, 1});
  CHECK(axes({10, 4, 4, 3}) == Sizes{10, 4, 4, 3, 0});
  CHECK(axes({10, 32, 32, 3}, "nchw") == Sizes{10, 32, 3, 32, 1});
  CHECK_THROWS_WITH(axes({10, 2048}), Contains("an array of 2 axes (10 x 2048) is not a batch"));
  CHECK_THROWS_WITH(axes({10, 32, 32}, "nhwc"), Contains("can't be laid out as nhwc"));
}

TEST_CASE("rows of an array are images addressed by their row", "[image]") {
  test::Scratch scratch;
  scratch.write("batch.npy", counting_bytes({2, 2, 3, 1}));
  const ImageSet set = open_images({scratch / "batch.npy"});
  CHECK(set.count == 2u);
  const auto all = entries(set);
  REQUIRE(all.size() == 2);
  CHECK(all[1].name == "batch.npy[1]");
  CHECK(all[1].id == 1);
  CHECK(all[1].label == std::nullopt);
  const Image image = all[1].load();
  CHECK(image.depth == Depth::uint8);
  REQUIRE(image.pixels.shape() == Shape{2, 3, 1});
  CHECK(image.pixels(1, 2, 0) == 11 / 127.5f - 1);
}

TEST_CASE("channel-first arrays are turned channel-last", "[image]") {
  test::Scratch scratch;
  scratch.write("a.npy", counting_bytes({2, 3, 2, 5}));
  const Image image = entries({scratch / "a.npy"})[1].load();
  REQUIRE(image.pixels.shape() == Shape{2, 5, 3});
  CHECK(image.pixels(1, 4, 2) == 59 / 127.5f - 1);
  CHECK(image.pixels(1, 4, 0) == 39 / 127.5f - 1);
}

TEST_CASE("the values of arrays are taken to -1..1 by type or range", "[image]") {
  test::Scratch scratch;
  const auto load = [&](const std::string& bytes, const ImageSetOptions& options = {}) {
    scratch.write("a.npy", bytes);
    const Image image = entries({scratch / "a.npy"}, options)[0].load();
    return std::vector<float>(image.pixels.begin(), image.pixels.end());
  };
  using V = std::vector<float>;
  CHECK(load(floats({1, 1, 3}, {-1, 0.25, 1})) == V{-1, 0.25, 1});
  CHECK(load(floats({1, 1, 3}, {0, 0.25, 1}), {.range = {{0, 1}}}) == V{-1, -0.5, 1});
  CHECK(load(floats({1, 1, 3}, {0, 127.5, 255}), {.range = {{0, 255}}}) == V{-1, 0, 1});
  CHECK(load(npy_bytes(NpyType::uint16, {1, 1, 2}, "\0\0\xff\xff"s)) == V{-1, 1});
  CHECK(load(npy_bytes(NpyType::boolean, {1, 1, 2}, "\0\1"s)) == V{-1, 1});
  CHECK(load(npy_bytes(NpyType::uint8, {1, 1, 2}, "\0\1"s), {.range = {{0, 1}}}) == V{-1, 1});
  CHECK(load(npy_bytes(NpyType::int16, {1, 1, 2}, "\0\0\xff\0"s), {.range = {{0, 255}}}) ==
        V{-1, 1});
  CHECK_THROWS_WITH(load(npy_bytes(NpyType::int16, {1, 1, 1}, "\0\0"s)),
                    Contains("a.npy: int16 does not say which values are black and white; say "
                             "`range` 0,255"));
}

TEST_CASE("floats outside their range are refused with the range that fits", "[image]") {
  test::Scratch scratch;
  const auto refusal = [&](const std::vector<float>& values, const ImageSetOptions& options = {}) {
    scratch.write("a.npy", floats({1, 1, values.size()}, values));
    try {
      open_images({scratch / "a.npy"}, options);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(refusal({-1.0009f, 1.0009f}) == "");
  CHECK_THAT(refusal({0, 200}), EndsWith("a.npy[0]: values from 0 to 200 where -1 to 1 is expected;"
                                         " if they run from 0 to 255, say `range` 0,255"));
  CHECK_THAT(refusal({-3, 0}), EndsWith("a.npy[0]: values from -3 to 0 where -1 to 1 is expected"));
  CHECK_THAT(refusal({0, 200}, {.range = {{0, 1}}}), EndsWith("where 0 to 1 is expected; if they "
                                                              "run from 0 to 255, say `range` "
                                                              "0,255"));
  CHECK_THAT(refusal({0, NAN}), Contains("holds values that are not numbers"));
  CHECK_THAT(refusal({0, INFINITY}), Contains("a.npy[0]: holds values that are not finite"));
  CHECK_THAT(refusal({-INFINITY, 0}), Contains("a.npy[0]: holds values that are not finite"));

  scratch.write("b.npy", floats({3, 1, 2}, {0, 0, 0, NAN, 1, 1}));
  const auto rows = entries({scratch / "b.npy"});  // one bad row is one bad image
  CHECK_THROWS_WITH(rows[1].load(), Contains("b.npy[1]: holds values that are not numbers"));
  CHECK(rows[2].load().pixels(0, 1, 0) == 1);
}

TEST_CASE("archives give arr_0, with their labels", "[image]") {
  test::Scratch scratch;
  write_npz(scratch / "a.npz", {{"arr_0", counting_bytes({2, 2, 2, 3})},
                                {"arr_1", npy_bytes(NpyType::uint8, {2}, "\x03\x07")}});
  const auto all = entries({scratch / "a.npz"});
  CHECK(labels_in(all) == std::vector<std::optional<int>>{3, 7});
  CHECK(all[0].load().pixels.shape() == Shape{2, 2, 3});
  write_npz(scratch / "b.npz", {{"only", counting_bytes({2, 2, 2, 3})}});
  CHECK(entries({scratch / "b.npz"}).size() == 2);
  write_npz(scratch / "c.npz", {{"mu", counting_bytes({3})}, {"sigma", counting_bytes({3, 3})}});
  CHECK_THROWS_WITH(open_images({scratch / "c.npz"}), EndsWith("(has: mu, sigma)"));
}

TEST_CASE("IDX images come with the labels beside them", "[image]") {
  test::Scratch scratch;
  const std::string path = scratch.write(
      "t10k-images-idx3-ubyte", "\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x02\x00\xff\xff\x00"s);
  CHECK(labels_in(entries({path})) == std::vector<std::optional<int>>{{}, {}});
  scratch.write("t10k-labels-idx1-ubyte", "\0\0\x08\x01\0\0\0\x02\x09\x04"s);
  const auto all = entries({path});
  CHECK(labels_in(all) == std::vector<std::optional<int>>{9, 4});
  CHECK(all[1].name == "t10k-images-idx3-ubyte[1]");
  CHECK(all[1].load().pixels(0, 0, 0) == 1);
  scratch.write("t10k-labels-idx1-ubyte", "\0\0\x08\x01\0\0\0\x01\x09"s);
  CHECK_THROWS_WITH(open_images({path}), EndsWith("t10k-labels-idx1-ubyte: 1 labels for 2 images"));
}

TEST_CASE("files are named by base name, folders by the path below them", "[image]") {
  test::Scratch scratch;
  std::filesystem::create_directories(scratch / "a/b");
  write_image(scratch / "a/b/2.png", flat(1));
  write_image(scratch / "a/10.png", flat(-1));
  const auto folder = entries({scratch / "a"});
  REQUIRE(folder.size() == 2);
  CHECK(folder[0].name == "10.png");
  CHECK(folder[1].name == "b/2.png");
  CHECK(folder[1].id == fnv1a("b/2.png"));
  CHECK(folder[1].load().pixels(0, 0, 0) == 1);
  const auto file = entries({scratch / "a/b/2.png", scratch / "a/"});
  REQUIRE(file.size() == 3);
  CHECK(file[0].name == "2.png");
  CHECK(file[2].name == "b/2.png");
}

TEST_CASE("a picture that can't be read fails when it is loaded, by its path", "[image]") {
  test::Scratch scratch;
  write_image(scratch / "good.png", flat(0));
  scratch.write("bad.png", "");
  const auto all = entries({scratch.folder()});
  REQUIRE(all.size() == 2);
  CHECK_THROWS_WITH(all[0].load(),
                    (scratch / "bad.png") + ": not an image that can be read (the file is empty)");
  CHECK(all[1].load().pixels.size() == 6);
}

TEST_CASE("what holds no images is refused with what would", "[image]") {
  test::Scratch scratch;
  std::filesystem::create_directory(scratch / "empty");
  CHECK_THROWS_WITH(open_images({scratch / "empty"}),
                    EndsWith("empty: a folder without pictures (PNG, JPEG, TIFF, OpenEXR, BMP, "
                             "GIF, WebP, PNM, Radiance)"));
  scratch.write("arrays/x.npy", "");
  CHECK_THROWS_WITH(open_images({scratch / "arrays"}), EndsWith("arrays/x.npy"));
  CHECK_THROWS_WITH(open_images({scratch / "none"}), EndsWith("none: no such file or folder"));
  scratch.write("notes.txt", "hello");
  CHECK_THROWS_WITH(open_images({scratch / "notes.txt"}), Contains("is text, not pictures (PNG"));
  scratch.write("zero.npy", "");
  CHECK_THROWS_AS(open_images({scratch / "zero.npy"}), Error);
}

TEST_CASE("arrays of one picture each are a folder's images", "[image]") {
  test::Scratch scratch;
  const std::vector<float> values{-1, -0.5, 0, 0.25, 0.123f, 1};
  scratch.write("s/10.npy", floats({1, 2, 3}, values));
  scratch.write("s/9.npy", floats({1, 6, 1}, values));
  scratch.write("s/11.npy", floats({1, 2, 3}, {0, 0, 3, 0, 0, 0}));
  scratch.write("s/12.npy", floats({1, 2, 3}, values).substr(0, 140));
  scratch.write("s/batch.npy", floats({1, 1, 2, 3}, values));
  scratch.write("s/features.npy", floats({2, 3}, values));
  scratch.write("s/planes.npy", floats({1, 1, 6}, values));
  const ImageSet set = open_images({scratch / "s"});
  CHECK(set.of_arrays);
  CHECK(set.count == 4u);
  const auto all = entries(set);
  REQUIRE(all.size() == 4);
  CHECK(all[0].name == "9.npy");
  CHECK(all[0].id == fnv1a("9.npy"));
  CHECK((all[0].load().pixels.shape() == Shape{1, 6, 1}));
  const Tensor pixels = all[1].load().pixels;
  CHECK((pixels.shape() == Shape{1, 2, 3}));
  CHECK(std::ranges::equal(pixels, values));
  CHECK_THROWS_WITH(all[2].load(),
                    StartsWith((scratch / "s/11.npy") + ": values from 0 to 3 where -1 to 1"));
  CHECK_THROWS_WITH(all[3].load(), StartsWith((scratch / "s/12.npy") + ": truncated"));
  CHECK(entries({scratch / "s"}, {.range = {{0, 3}}})[2].load().pixels(0, 0, 2) == 1);
  CHECK(entries({scratch / "s"}, {.size = {{4, 4}}})[1].load().pixels.shape(0) == 4);
}

TEST_CASE("a folder's arrays may be channel-first, or bytes", "[image]") {
  test::Scratch scratch;
  scratch.write("s/a.npy", counting_bytes({3, 1, 2}));
  const Image image = entries({scratch / "s"}, {.layout = "chw"}).at(0).load();
  REQUIRE((image.pixels.shape() == Shape{1, 2, 3}));
  CHECK(image.pixels(0, 1, 2) == 5 / 127.5f - 1);
  CHECK(image.depth == Depth::uint8);
  CHECK((entries({scratch / "s"})[0].load().pixels.shape() == Shape{3, 1, 2}));
}

TEST_CASE("pictures and arrays in one folder are not a set, but may be listed", "[image]") {
  test::Scratch scratch;
  write_image(scratch.write("s/a.png", ""), flat(1));
  scratch.write("s/b.npy", floats({1, 1, 1}, {0.5}));
  const std::string folder = scratch / "s";
  CHECK_THROWS_WITH(open_images({folder}),
                    StartsWith(folder + ": holds pictures (a.png) and arrays of one picture each "
                                        "(b.npy); a set takes one kind"));
  const std::string lines = scratch.write("lines", folder + "/b.npy\n" + folder + "/a.png\n");
  const auto all = entries({}, {.list = FileList{lines}});
  REQUIRE(all.size() == 2);
  CHECK(all[0].load().pixels(0, 0, 0) == 0.5f);
  CHECK(all[1].load().pixels(0, 0, 0) == 1);
  scratch.write("s/b.npy", floats({1, 1, 1, 1}, {0.5}));
  CHECK_THROWS_WITH(all[0].load(), folder +
                                       "/b.npy: an array of 1 x 1 x 1 x 1 is not one picture "
                                       "(H x W x C); name the array by itself");
  // Labels, features and batches may lie beside pictures, and so may what can't be read.
  scratch.write("s/c.npy", "damaged");
  CHECK(entries({folder}).size() == 1);
}

TEST_CASE("samples are arrays with their values as they are", "[image]") {
  test::Scratch scratch;
  scratch.write("s/0.npy", floats({1, 1, 6}, {-7, 8, 0, 1, 2, 3}));
  scratch.write("s/1.npy", counting_bytes({1, 1, 6}));
  const auto all = entries(open_samples(scratch / "s").value());
  REQUIRE(all.size() == 2);
  CHECK((all[0].load().pixels.shape() == Shape{1, 1, 6}));
  CHECK(all[0].load().pixels(0, 0, 0) == -7);
  CHECK(all[0].load().depth == Depth::float32);
  CHECK(all[1].load().pixels(0, 0, 5) == 5);
  CHECK(all[1].load().depth == Depth::uint8);
  CHECK_FALSE(open_samples(scratch / "s/0.npy").has_value());
  write_image(scratch.write("p/a.png", ""), flat(1));
  CHECK_FALSE(open_samples(scratch / "p").has_value());
  CHECK_FALSE(open_samples(scratch / "nowhere").has_value());
}

TEST_CASE("sub-folders name classes where every file is in one", "[image]") {
  test::Scratch scratch;
  for (const char* name : {"dog/1.png", "cat/1.png", "cat/x/2.png"}) scratch.write(name, "");
  const ImageSet set = open_images({scratch.folder()});
  CHECK(set.label_names == Names{"cat", "dog"});
  CHECK(labels_in(entries(set)) == std::vector<std::optional<int>>{0, 0, 1});
  CHECK(set.why_unlabelled.empty());
  scratch.write("loose.png", "");
  const ImageSet mixed = open_images({scratch.folder()});
  CHECK(labels_in(entries(mixed)) == std::vector<std::optional<int>>(4));
  CHECK(mixed.why_unlabelled == "loose.png lies beside the folders cat, dog, and so in no class");
}

TEST_CASE("classes are described, few one by one", "[image]") {
  using L = std::vector<std::optional<int>>;
  CHECK(describe_classes(Names{"cat", "dog"}, L{1, 1, {}, 0}) ==
        "2 classes: cat (1 image), dog (2 images)");
  CHECK(describe_classes(Names{}, L{2, 0}) == "3 classes: 0 (1 image), 1 (0 images), 2 (1 image)");
  CHECK(describe_classes(Names{}, L{11, 0, 0}) == "12 classes of 0 to 2 images, 0 to 11");
  CHECK(parts_among_classes(Names{"Train", "other", "val"}) == "Train and val");
  CHECK(parts_among_classes(Names{"bus", "train"}).empty());
}

TEST_CASE("classes of several folders are one list", "[image]") {
  test::Scratch scratch;
  for (const char* name : {"1/b/1.png", "1/c/1.png", "2/a/1.png", "2/c/1.png"})
    scratch.write(name, "");
  const ImageSet set = open_images({scratch / "1", scratch / "2"});
  CHECK(set.label_names == Names{"a", "b", "c"});
  CHECK(labels_in(entries(set)) == std::vector<std::optional<int>>{1, 2, 0, 2});
}

TEST_CASE("dataset.json, prefixes and label files give classes", "[image]") {
  test::Scratch scratch;
  for (const char* name : {"d/cat_1.png", "d/dog_1.png", "d/dog_2.png"}) scratch.write(name, "");
  using L = std::vector<std::optional<int>>;
  const std::string folder = scratch / "d";
  CHECK(labels_in(entries({folder}, {.labels = "prefix"})) == L{0, 1, 1});
  CHECK(open_images({folder}, {.labels = "prefix"}).label_names == Names{"cat", "dog"});
  const std::string array = scratch.write("l.npy", npy_bytes(NpyType::uint8, {3}, "\x05\x06\x07"));
  CHECK(labels_in(entries({folder}, {.labels = array})) == L{5, 6, 7});
  const std::string json = scratch.write("d/dataset.json", R"({"labels": [["dog_1.png", 4]]})");
  CHECK(labels_in(entries({folder})) == L{{}, 4, {}});
  CHECK(labels_in(entries({folder}, {.labels = json})) == L{{}, 4, {}});
  scratch.write("d/dataset.json", R"({"labels": [["dog_1.png", "four"]]})");
  CHECK_THROWS_WITH(
      open_images({folder}),
      EndsWith("labels[0][1]: must be a whole number from 0 to 1000000000, got \"four\""));
  scratch.write("d/plain.png", "");
  CHECK_THROWS_WITH(open_images({folder}, {.labels = "prefix"}),
                    "plain.png: no label in the name; `labels` prefix needs LABEL_REST");
}

TEST_CASE("images are made alike", "[image]") {
  test::Scratch scratch;
  write_image(scratch / "a.png", flat(1, 4));
  const auto load = [&](const ImageSetOptions& options) {
    return entries({scratch / "a.png"}, options)[0].load().pixels;
  };
  CHECK(load({.channels = 3}).shape() == Shape{2, 3, 3});
  CHECK(load({.channels = 1}).shape() == Shape{2, 3, 1});
  CHECK(load({.channels = 1})(0, 0, 0) == Approx(1));
  CHECK(load({.size = {{8, 8}}}).shape() == Shape{8, 8, 4});
  CHECK(load({.size = {{8, 8}}, .crop = {{4, 2}}, .channels = 3}).shape() == Shape{4, 2, 3});
  CHECK_THROWS_WITH(load({.crop = {{4, 4}}}),
                    (scratch / "a.png") + ": 2 x 3 pixels are smaller than the crop of 4 x 4");
}

TEST_CASE("a crop is taken from the centre, colours weigh as the eye sees them", "[image]") {
  test::Scratch scratch;
  scratch.write("a.npy", counting_bytes({1, 5, 5, 1}));
  const Image middle = entries({scratch / "a.npy"}, {.crop = {{1, 3}}})[0].load();
  CHECK(middle.pixels(0, 0, 0) == 11 / 127.5f - 1);
  CHECK(middle.pixels(0, 2, 0) == 13 / 127.5f - 1);
  scratch.write("b.npy", floats({1, 1, 1, 3}, {1, -1, -1}));
  CHECK(entries({scratch / "b.npy"}, {.layout = "nhwc", .channels = 1})[0].load().pixels(0, 0, 0) ==
        Approx(2 * 0.299 - 1));
}

TEST_CASE("a list names pictures, one a line or between zero bytes", "[image]") {
  test::Scratch scratch;
  write_image(scratch.write("cats/a b.png", ""), flat(1));
  write_image(scratch.write("dogs/c.png", ""), flat(-1));
  const std::string one = scratch / "cats/a b.png", two = scratch / "dogs/../dogs/c.png";
  const std::string lines = scratch.write("lines", one + "\n" + two + "\n\n");
  const std::string zeros = scratch.write("zeros", two + '\0' + one + '\0');
  const ImageSet set = open_images({}, {.list = FileList{lines}});
  CHECK(set.count == 2u);
  const auto all = entries(set);
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == one.substr(1));  // without the root
  CHECK(all[0].id == fnv1a(one.substr(1)));
  CHECK(all[1].name == (scratch / "dogs/c.png").substr(1));
  CHECK(all[1].load().pixels(0, 0, 0) == -1);
  CHECK(entries({}, {.list = FileList{zeros, '\0'}})[0].load().pixels(0, 0, 0) == -1);
  CHECK(entries({one}, {.list = FileList{lines}}).size() == 3);

  const std::string up = scratch.write("up", "../../nowhere/x.png\n");
  const auto missing = entries({}, {.list = FileList{up}});
  CHECK(missing[0].name == "nowhere/x.png");
  CHECK_THROWS_WITH(missing[0].load(), Contains("../../nowhere/x.png: cannot be read"));
  CHECK_THROWS_WITH(open_images({}, {.list = FileList{scratch.write("none", "\n")}}),
                    Contains("none: a list without files"));
}
