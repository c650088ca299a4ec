#include "lib/output/store.hpp"

#include <algorithm>
#include <filesystem>

#include "lib/base/archive.hpp"
#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/image/image_file.hpp"
#include "lib/tensor/formats/npz.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t pictures = 5;

/// Picture n, all of one value that 8 bits hold.
SharedImage picture(std::size_t n, Depth depth = Depth::uint8, Shape shape = {2, 3, 1}) {
  return std::make_shared<const Image>(Image{Tensor(shape, float(51 * n) / 127.5f - 1), depth});
}

std::string name_of(std::size_t n, const std::string& extension = ".png") {
  return "sub/" + std::to_string(n) + extension;
}

StoreRequest to(const std::string& path, std::optional<std::size_t> rows = pictures) {
  return {.to = destination_of(path, StoreKind::none), .rows = rows};
}

/// Gives a store its pictures, the last first, as threads may, and finishes them in order.
void fill(Store& store, Depth depth = Depth::uint8, const std::string& extension = ".png",
          std::optional<int> label = {}) {
  std::vector<InOrder> rest(pictures);
  for (std::size_t n = pictures; n-- > 0;)
    rest[n] = store.take({"input", name_of(n, extension), picture(n, depth), label});
  for (const InOrder& step : rest)
    if (step) step();
}

std::vector<std::string> members(const std::string& tar) {
  auto file = std::make_shared<InputFile>(tar);
  const auto reader = read_archive([file] { return file->next(); }, tar);
  std::vector<std::string> names;
  while (const auto member = reader->next()) names.push_back(member->name);
  return names;
}

std::size_t files_in(const test::Scratch& scratch) {
  return std::size_t(std::distance(fs::recursive_directory_iterator(scratch.folder()),
                                   fs::recursive_directory_iterator()));
}

}  // namespace

TEST_CASE("what the name of an output says", "[output]") {
  const test::Scratch scratch;
  const auto kind = [](const std::string& path) {
    return destination_of(path, StoreKind::tar).kind;
  };
  CHECK(kind("") == StoreKind::none);
  CHECK(kind("-") == StoreKind::tar);
  CHECK(kind("out") == StoreKind::folder);
  CHECK(kind("out.tar/") == StoreKind::folder);
  CHECK(kind(scratch.folder().string()) == StoreKind::folder);
  CHECK(kind("a.NPY") == StoreKind::array);
  CHECK(kind("a.npz") == StoreKind::array);
  CHECK(kind("a.csv") == StoreKind::csv);
  CHECK(kind("a.tar") == StoreKind::tar);
  CHECK(kind("a.png") == StoreKind::picture);
  CHECK_NOTHROW(need_known_ending(destination_of("a.exr", StoreKind::none)));
  CHECK_THROWS_WITH(
      need_known_ending(destination_of("a.txt", StoreKind::none)),
      StartsWith("a.txt: needs the name of a folder (with '/' at its end), an array "
                 "(.npy, .npz, or .csv of points), an archive (.tar) or a picture (PNG, "));
  CHECK_NOTHROW(need_room(destination_of("a.png", StoreKind::none), 1));
  CHECK_NOTHROW(need_room(destination_of("a.tar", StoreKind::none), 2));
  CHECK_THROWS_WITH(need_room(destination_of("a.png", StoreKind::none), 2),
                    StartsWith("a.png: one file for several pictures"));
}

TEST_CASE("what is there already", "[output]") {
  const test::Scratch scratch;
  scratch.write("folder/a.png", "");
  const Destination folder = destination_of(scratch / "folder", StoreKind::none);
  CHECK(folder.has("a.png"));
  CHECK_FALSE(folder.has("b.png"));
  CHECK_FALSE(folder.whole());
  const std::string tar = scratch.write("a.tar", "");
  CHECK(destination_of(tar, StoreKind::none).whole());
  CHECK_FALSE(destination_of(tar, StoreKind::none).has("a.png"));
  CHECK_FALSE(destination_of(scratch / "b.tar", StoreKind::none).whole());
  CHECK_FALSE(destination_of("-", StoreKind::tar).whole());
  CHECK(destination_of(scratch.write("a.png", ""), StoreKind::none).has("any"));
}

TEST_CASE("a folder's files, in folders of their own", "[output]") {
  const test::Scratch scratch;
  const auto store = make_store(to(scratch / "out/"));
  fill(*store);
  store->commit();
  for (std::size_t n = 0; n < pictures; ++n) {
    const Image image = read_image(scratch / "out/" + name_of(n));
    CHECK((image.pixels == picture(n)->pixels));
  }
  CHECK(files_in(scratch) == pictures + 2);
}

TEST_CASE("a tar's members are the folder's files, in the order of the inputs", "[output]") {
  const test::Scratch scratch;
  const auto folder = make_store(to(scratch / "out/"));
  const auto tar = make_store(to(scratch / "out.tar"));
  for (Store* store : {folder.get(), tar.get()}) {
    fill(*store);
    store->commit();
  }
  CHECK(members(scratch / "out.tar") ==
        std::vector<std::string>{name_of(0), name_of(1), name_of(2), name_of(3), name_of(4)});
  CHECK(read_file(scratch / "out.tar").find(read_file(scratch / "out/" + name_of(3))) !=
        std::string::npos);
}

TEST_CASE("a tar and a folder of arrays", "[output]") {
  const test::Scratch scratch;
  for (const char* path : {"out/", "out.tar"}) {
    const auto store = make_store(to(scratch / path));
    fill(*store, Depth::float32, ".npy");
    store->commit();
  }
  const NpyArray values = read_npy(scratch / "out/" + name_of(2, ".npy"));
  CHECK(values.type == NpyType::float32);
  CHECK((values.to_tensor() == picture(2)->pixels));
  CHECK(members(scratch / "out.tar")[4] == name_of(4, ".npy"));
}

TEST_CASE("one array, of 8 bits or of floats as its images are", "[output]") {
  const test::Scratch scratch;
  for (const Depth depth : {Depth::uint8, Depth::float32}) {
    const auto store = make_store(to(scratch / "x.npy"));
    fill(*store, depth);
    store->commit();
    const NpyArray array = read_npy(scratch / "x.npy");
    REQUIRE(array.shape == std::vector<std::size_t>{pictures, 2, 3, 1});
    REQUIRE(array.type == (depth == Depth::uint8 ? NpyType::uint8 : NpyType::float32));
    const Tensor values = array.to_tensor();
    for (std::size_t n = 0; n < pictures; ++n)
      CHECK(values(n, 1, 2, 0) ==
            (depth == Depth::uint8 ? float(51 * n) : picture(n)->pixels(1, 2, 0)));
  }
}

TEST_CASE("an array whose length shows at its end is the same file", "[output]") {
  const test::Scratch scratch;
  for (const bool known : {true, false}) {
    const auto store = make_store(
        to(scratch / (known ? "a.npy" : "b.npy"), known ? std::optional(pictures) : std::nullopt));
    fill(*store, Depth::float32);
    store->commit();
  }
  CHECK(read_file(scratch / "a.npy") == read_file(scratch / "b.npy"));
  CHECK_THROWS_WITH(make_store(to(scratch / "x.npz", std::nullopt)),
                    Contains("an array begins with its size"));
  StoreRequest piped{.to = destination_of("-", StoreKind::array)};
  CHECK_THROWS_WITH(make_store(piped),
                    StartsWith("standard output: an array begins with its size"));
  CHECK_FALSE(fs::exists(scratch / "x.npz"));
}

TEST_CASE("an archive of arrays has classes where all images have", "[output]") {
  const test::Scratch scratch;
  for (const bool labelled : {true, false}) {
    const auto store = make_store(to(scratch / "x.npz"));
    fill(*store, Depth::uint8, ".png", labelled ? std::optional(7) : std::nullopt);
    store->commit();
    const NpzFile file(scratch / "x.npz");
    const NpyArray images = file.read("arr_0");
    CHECK(images.shape == std::vector<std::size_t>{pictures, 2, 3, 1});
    CHECK(static_cast<unsigned char>(images.bytes.back()) == 51 * (pictures - 1));
    REQUIRE(file.has("arr_1") == labelled);
    if (labelled) CHECK(file.read("arr_1").to_array()(4) == 7);
  }
  const auto store = make_store(to(scratch / "x.npz", 2));
  store->take({"a", "", picture(0), 1})();
  store->take({"b", "", picture(1)})();
  store->commit();
  CHECK_FALSE(NpzFile(scratch / "x.npz").has("arr_1"));
}

TEST_CASE("an array takes images of one shape", "[output]") {
  const test::Scratch scratch;
  const auto store = make_store(to(scratch / "x.npy", 2));
  store->take({"a.png", "", picture(0)})();
  const InOrder second = store->take({"b.png", "", picture(0, Depth::uint8, {2, 2, 1})});
  CHECK_THROWS_WITH(second(),
                    "b.png: 2 x 2 x 1 where the first image is 2 x 3 x 1; an array needs "
                    "all alike: `size`, `crop`, `gray` or `rgb`");
}

TEST_CASE("what is one file is there whole, or not at all", "[output]") {
  const test::Scratch scratch;
  for (const char* path : {"x.npy", "x.npz", "x.tar"}) {
    {
      const auto given_up = make_store(to(scratch / path));
      fill(*given_up);
      given_up->flush();
      CHECK_FALSE(fs::exists(scratch / path));
    }
    CHECK(files_in(scratch) == 0);  // nor is anything left over
    scratch.write(path, "before");
    {
      const auto given_up = make_store(to(scratch / path));
      fill(*given_up);
    }
    CHECK(read_file(scratch / path) == "before");
    fs::remove(scratch / path);
  }
}

TEST_CASE("work that is given up leaves whole files in its folder", "[output]") {
  const test::Scratch scratch;
  {
    const auto store = make_store(to(scratch / "out/"));
    fill(*store);
  }
  for (std::size_t n = 0; n < pictures; ++n)
    CHECK_NOTHROW(read_image(scratch / "out/" + name_of(n)));
  CHECK(files_in(scratch) == pictures + 2);
}

TEST_CASE("the same bytes whatever is ready first", "[output]") {
  const test::Scratch scratch;
  for (const char* path : {".npy", ".npz", ".tar"}) {
    const std::string last_first = scratch / ("a" + std::string(path));
    const std::string in_order = scratch / ("b" + std::string(path));
    const auto one = make_store(to(last_first)), other = make_store(to(in_order));
    fill(*one);
    for (std::size_t n = 0; n < pictures; ++n) {
      other->take({"input", name_of(n), picture(n)})();
      other->flush();
    }
    one->commit();
    other->commit();
    CHECK(read_file(last_first) == read_file(in_order));
  }
}

TEST_CASE("one picture, stored as its format and its depth go", "[output]") {
  const test::Scratch scratch;
  const auto store = make_store(to(scratch / "x.png"));
  CHECK(store->take({"input", "", picture(3)}));
  store->commit();
  CHECK((read_image(scratch / "x.png").pixels == picture(3)->pixels));
  CHECK(depth_written("a.exr", Depth::uint8) == Depth::float32);
  CHECK(depth_written("a.TIFF", Depth::uint16) == Depth::float32);
  CHECK(depth_written("a.png", Depth::uint16) == Depth::uint16);
  CHECK(depth_written("a.png", Depth::float32) == Depth::uint8);
  CHECK(make_store(to("")) == nullptr);
}

TEST_CASE("points in a table read back as the same numbers, in their order", "[output]") {
  const test::Scratch scratch;
  const std::vector<float> values{0.1f, -1.f / 3, 1e-40f, 3e38f, 0, 257.5f};
  auto store = make_store(to(scratch / "x.csv"));
  std::vector<InOrder> rest(3);
  for (std::size_t n = rest.size(); n-- > 0;) {
    Image point{Tensor(Shape{1, 1, 2}), Depth::uint8};  // 8 bits would clip
    std::copy_n(values.data() + 2 * n, 2, point.pixels.data());
    rest[n] = store->take({"input", "", std::make_shared<const Image>(std::move(point)), {}});
  }
  for (const InOrder& step : rest) step();
  CHECK_FALSE(fs::exists(scratch / "x.csv"));
  store->commit();
  std::vector<float> read;
  const std::string text = read_file(scratch / "x.csv");
  for (const std::string& line : split(text.substr(0, text.size() - 1), '\n'))
    for (const std::string& word : split(line, ',')) read.push_back(float(*parse_number(word)));
  CHECK(text.ends_with("\n0,257.5\n"));
  CHECK(read == values);
}

TEST_CASE("a table takes points alone, all of one size", "[output]") {
  const test::Scratch scratch;
  auto store = make_store(to(scratch / "x.csv"));
  const auto take = [&](Shape shape) {
    store->take({"input", "", picture(1, Depth::float32, std::move(shape)), {}})();
  };
  CHECK_THROWS_WITH(take({2, 1, 3}), StartsWith("input: 2 x 1 x 3 is not a point, 1 x 1 x D"));
  take({1, 1, 3});
  CHECK_THROWS_WITH(take({1, 1, 2}), "input: has 2 numbers where the first point has 3");
}
