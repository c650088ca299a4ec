// Samples in batches: to files, and to a sheet.
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/image/contact_sheet.hpp"
#include "lib/image/image_file.hpp"
#include "lib/output/sample_sheet.hpp"
#include "lib/tensor/formats/npz.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

/// Sample n of a batch of 2 x 2 x 1 is all of one value that 8 bits hold.
float value_of(std::size_t n) { return float(17 * n) / 127.5f - 1; }

Tensor batch(std::size_t first, std::size_t size) {
  Tensor samples(Shape{size, 2, 2, 1});
  for (std::size_t i = 0; i < samples.size(); ++i) samples.data()[i] = value_of(first + i / 4);
  return samples;
}

SampleOutput output(const std::string& path, std::size_t count) {
  return {.to = destination_of(path, StoreKind::array),
          .first = 9,
          .count = count,
          .turns = {},
          .shape = {2, 2, 1}};
}

void write(const SampleOutput& output, std::size_t at_a_time) {
  SampleFiles files(output);
  for (std::size_t n = 0; n < output.count; n += at_a_time)
    files.take(n, batch(n, std::min(at_a_time, output.count - n)));
  files.finish();
}

const std::vector<Turn> two_classes{{3, "cats"}, {5, "dogs"}};

/// The sheet of these samples, white where one is missing.
Tensor sheet_of(const std::vector<int>& samples, const SheetLayout& layout) {
  std::vector<Image> pictures;
  for (const int n : samples)
    pictures.push_back({Tensor(Shape{2, 2, 1}, n < 0 ? 1 : value_of(std::size_t(n)))});
  return contact_sheet(pictures, layout).pixels;
}

}  // namespace

TEST_CASE("samples are named by their number in the seed", "[output]") {
  CHECK(sample_name(0, Depth::uint8) == "000000.png");
  CHECK(sample_name(17, Depth::float32) == "000017.npy");
  CHECK(sample_name(1234567, Depth::uint8) == "1234567.png");
}

TEST_CASE("samples have the same bytes whatever the batch", "[output]") {
  const test::Scratch scratch;
  for (const char* ending : {".tar", ".npy", ".npz"})
    for (const Depth depth : {Depth::uint8, Depth::float32}) {
      CAPTURE(ending);
      SampleOutput one = output(scratch / ("one" + std::string(ending)), 5);
      SampleOutput other = output(scratch / ("other" + std::string(ending)), 5);
      one.depth = other.depth = depth;
      write(one, 1);
      write(other, 3);
      CHECK(read_file(one.to.path) == read_file(other.to.path));
    }
}

TEST_CASE("samples in a folder are pictures, or arrays of floats", "[output]") {
  const test::Scratch scratch;
  SampleOutput to = output(scratch / "out", 2);
  write(to, 2);
  CHECK(read_image(scratch / "out/000010.png").pixels(1, 1, 0) == value_of(1));
  to.depth = Depth::float32;
  write(to, 2);
  CHECK(read_npy(scratch / "out/000010.npy").to_tensor()(1, 1, 0) == value_of(1));
}

TEST_CASE("one picture holds floats where they are asked for and its format has them", "[output]") {
  const test::Scratch scratch;
  const auto written = [&](const char* name, Depth depth) {
    SampleOutput to = output(scratch / name, 1);
    to.depth = depth;
    write(to, 1);
    return read_image(scratch / name).depth;
  };
  CHECK(written("x.tif", Depth::uint8) == Depth::uint8);
  CHECK(written("x.tif", Depth::float32) == Depth::float32);
  CHECK(written("x.png", Depth::float32) == Depth::uint8);
  CHECK(written("x.exr", Depth::uint8) == Depth::float32);  // has no other
}

TEST_CASE("a folder's samples appear batch by batch", "[output]") {
  const test::Scratch scratch;
  const SampleOutput to = output(scratch / "out", 4);
  SampleFiles files(to);
  files.take(0, batch(0, 2));
  files.take(2, batch(2, 2));  // waits for those before
  CHECK(std::filesystem::exists(scratch / "out/000010.png"));
  files.finish();
  CHECK(std::filesystem::exists(scratch / "out/000012.png"));
}

TEST_CASE("an archive of samples holds their classes", "[output]") {
  const test::Scratch scratch;
  SampleOutput to = output(scratch / "x.npz", 3);
  to.turns = two_classes;
  write(to, 2);
  const Array labels = NpzFile(scratch / "x.npz").read("arr_1").to_array();
  REQUIRE(labels.size() == 3);
  CHECK((labels(0) == 3 && labels(1) == 5 && labels(2) == 3));
}

TEST_CASE("samples that their place cannot hold are refused before any is drawn", "[output]") {
  const test::Scratch scratch;
  CHECK_THROWS_WITH(SampleFiles(output("x.png", 2)), StartsWith("x.png: one file for several"));
  CHECK_THROWS_WITH(SampleFiles(output("x.txt", 1)), StartsWith("x.txt: needs the name"));
  SampleOutput points = output(scratch / "out", 2);
  points.shape = {1, 1, 2};
  CHECK_THROWS_WITH(SampleFiles(points),
                    EndsWith("samples of 1 x 1 x 2 are not pictures (1, 3 or 4 "
                             "channels); write .npy or .npz"));
  CHECK_FALSE(std::filesystem::exists(scratch / "out"));
  points.depth = Depth::float32;  // as floats they need not be pictures
  CHECK_NOTHROW(SampleFiles(points));
}

TEST_CASE("a sheet has a row a class", "[output]") {
  const test::Scratch scratch;
  SampleOutput to = output("", 5);
  to.turns = two_classes;
  SampleSheet sheet({.path = scratch / "s.png", .numbers = true}, to);
  sheet.take(0, batch(0, 3));
  sheet.take(3, batch(3, 2));
  sheet.finish();
  const SheetLayout layout{.columns = 3,
                           .scale = SheetLayout::readable,
                           .column_labels = {"9", "11", "13"},
                           .row_labels = {"cats", "dogs"}};
  CHECK((read_image(scratch / "s.png").pixels == sheet_of({0, 2, 4, 1, 3, -1}, layout)));
}

TEST_CASE("a sheet in columns, its rows numbered, its columns named", "[output]") {
  const test::Scratch scratch;
  SampleOutput to = output("", 5);
  to.turns = two_classes;
  SampleSheet sheet({.path = scratch / "s.png", .columns = 2, .numbers = true}, to);
  sheet.take(0, batch(0, 5));
  sheet.finish();
  const SheetLayout layout{.columns = 2,
                           .scale = SheetLayout::readable,
                           .column_labels = {"cats", "dogs"},
                           .row_labels = {"9", "11", "13"}};
  CHECK((read_image(scratch / "s.png").pixels == sheet_of({0, 1, 2, 3, 4}, layout)));
}

TEST_CASE("a sheet reads what was drawn before, pictures or arrays", "[output]") {
  const test::Scratch scratch;
  for (const Depth depth : {Depth::uint8, Depth::float32}) {
    SampleOutput to = output(scratch / "out", 4);
    to.depth = depth;
    write(to, 4);
    SampleSheet sheet({.path = scratch / "s.png"}, to);
    sheet.take(2, batch(2, 1));
    sheet.finish();
    CHECK((read_image(scratch / "s.png").pixels ==
           sheet_of({0, 1, 2, 3}, {.columns = 2, .scale = SheetLayout::readable})));
  }
  SampleOutput other = output(scratch / "out", 4);
  other.shape = {1, 1, 1};
  SampleSheet sheet({.path = scratch / "s.png"}, other);
  CHECK_THROWS_WITH(sheet.finish(),
                    EndsWith("000009.png: is 2 x 2 x 1 where the model's are 1 x 1 x 1"));
}

TEST_CASE("a sheet is a picture, and stays one that programs open", "[output]") {
  CHECK_THROWS_WITH(SampleSheet({.path = "s.txt"}, output("", 1)),
                    "s.txt: a sheet is a picture; name it .png, for instance");
  CHECK(sheet_capacity({32, 32, 3}) == (1u << 25) / (34 * 34 * 3));
  CHECK(sheet_capacity({10000, 10000, 3}) == 1);
}
