// DATA that is points or images.
#include "lib/image/data_set.hpp"

#include <cmath>

#include "lib/base/error.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

bool holds_points(const std::string& path) { return all_points(look_at({path})); }

std::string npy_of(const Shape& shape) { return npy_bytes(Tensor(shape, 0.5f)); }

}  // namespace

TEST_CASE("points are known by their axes, wherever they lie", "[image]") {
  const test::Scratch scratch;
  CHECK(holds_points(scratch.write("a.csv", "1,2\n")));
  CHECK_FALSE(holds_points(scratch.write("a.md", "1,2\n")));
  CHECK(holds_points(scratch.write("a.npy", npy_of({5, 3}))));
  CHECK_FALSE(holds_points(scratch.write("b.npy", npy_of({5, 4, 4, 3}))));
  CHECK_FALSE(holds_points(scratch / "missing.csv"));
  scratch.write("points/1.npy", npy_of({1, 1, 2}));
  CHECK(holds_points(scratch / "points"));
  scratch.write("pictures/1.npy", npy_of({2, 2, 1}));
  CHECK_FALSE(holds_points(scratch / "pictures"));
}

TEST_CASE("a folder of points is read as it is", "[image]") {
  const test::Scratch scratch;
  scratch.write("p/1.npy", npy_bytes(Tensor(Shape{1, 1, 2}, 300.0f)));
  scratch.write("p/2.npy", npy_of({1, 1, 3}));
  const DataSet data = open_data(look_at({scratch / "p"}), {});
  CHECK(data.kind == DataKind::points);
  CHECK(data.culprit == scratch / "p");
  CHECK(data.set.next()->load().pixels.data()[1] == 300);
  CHECK_THROWS_WITH(data.set.next()->load(),
                    EndsWith("has 3 numbers where " + (scratch / "p") + "/1.npy has 2"));
}

TEST_CASE("points are one set of several files, and not beside others", "[image]") {
  const test::Scratch scratch;
  const std::string a = scratch.write("a.csv", "1,2\n3,4\n"), b = scratch.write("b.csv", "5,6\n");
  const std::string wide = scratch.write("c.csv", "1,2,3\n");
  const std::string pictures = scratch.write("b.npy", npy_of({5, 4, 4, 3}));
  const DataSet both = open_data(look_at({a, b}), {});
  CHECK(both.set.count == std::size_t(3));
  both.set.next(), both.set.next();
  CHECK(both.set.next()->load().pixels.data()[0] == 5);
  CHECK_THROWS_WITH(
      all_points(look_at({a, pictures})),
      pictures + ": is not points, and " + a + " beside it is; name the one or the other");
  const DataSet odd = open_data(look_at({b, wide}), {});
  odd.set.next();
  CHECK_THROWS_WITH(odd.set.next()->load(), wide + "[0]: has 3 numbers where " + b + "[0] has 2");
  CHECK_THROWS_WITH(open_data(look_at({a}), {.size = {{8, 8}}}),
                    a + ": holds points, to which `size` means nothing");
}

namespace {

DataKind kind_of(const std::string& path, ImageSetOptions options = {}) {
  if (options.values == ArrayValues::pictures) options.values = ArrayValues::by_channels;
  return open_data(look_at({path}), options).kind;
}

}  // namespace

TEST_CASE("arrays are numbers where their channels are no picture's", "[image]") {
  const test::Scratch scratch;
  const std::string latents = scratch.write("latents.npy", npy_of({3, 4, 8, 8})),
                    wide = scratch.write("wide.npy", npy_of({3, 6, 8, 8})),
                    grey = scratch.write("grey.npy", npy_of({3, 8, 8, 1})),
                    two = scratch.write("two.npy", npy_of({3, 8, 8, 2}));
  for (const std::string& path : {latents, wide, two}) CHECK(kind_of(path) == DataKind::numbers);
  CHECK(kind_of(grey) == DataKind::pictures);
  CHECK(kind_of(grey, {.values = ArrayValues::as_they_are}) == DataKind::numbers);
  // What only pictures can heed makes pictures of what may be one.
  CHECK(kind_of(latents, {.channels = 3}) == DataKind::pictures);
  CHECK(kind_of(two, {.range = {{0, 1}}}) == DataKind::pictures);
  const DataSet many =
      open_data(look_at({wide}), {.size = {{4, 4}}, .values = ArrayValues::by_channels});
  CHECK_THROWS_WITH(many.set.next()->load(),
                    wide + "[0]: holds numbers, to which `size` means nothing");
  CHECK_THROWS_WITH(open_data(look_at({wide}), {}), EndsWith("has 6 channels; needs 1 to 4"));
}

TEST_CASE("numbers keep their values and their axes", "[image]") {
  const test::Scratch scratch;
  Tensor latents(Shape{2, 5, 2, 3});
  for (std::size_t i = 0; i < latents.size(); ++i) latents.data()[i] = 100 - float(i);
  const std::string path = scratch.write("l.npy", npy_bytes(latents));
  const ImageSetOptions options{.layout = "nchw", .values = ArrayValues::by_channels};
  const DataSet data = open_data(look_at({path}), options);
  data.set.next();
  const Image second = data.set.next()->load();
  CHECK(second.numbers);
  CHECK(second.depth == Depth::float32);
  CHECK(second.pixels.shape() == Tensor(Shape{2, 3, 5}).shape());
  for (std::size_t c = 0; c < 5; ++c) CHECK(second.pixels(1, 2, c) == latents(1, c, 1, 2));
}

TEST_CASE("a folder holds numbers, or pictures, and not both", "[image]") {
  const test::Scratch scratch;
  scratch.write("f/1.npy", npy_of({6, 8, 8}));
  scratch.write("f/2.npy", npy_of({8, 8, 3}));
  const DataSet data = open_data(look_at({scratch / "f"}), {.values = ArrayValues::by_channels});
  CHECK(data.kind == DataKind::numbers);
  CHECK(data.set.next()->load().pixels.shape() == Tensor(Shape{8, 8, 6}).shape());
  CHECK_THROWS_WITH(data.set.next()->load(), EndsWith("2.npy: holds a picture where " +
                                                      (scratch / "f") + "/1.npy holds numbers"));
  scratch.write("n/1.npy", npy_bytes(Tensor(Shape{8, 8, 4}, NAN)));
  scratch.write("n/2.npy", npy_of({8, 8, 4}));
  const DataSet bad = open_data(look_at({scratch / "n"}), {.values = ArrayValues::by_channels});
  CHECK(bad.kind == DataKind::numbers);
  CHECK_THROWS_WITH(bad.set.next()->load(), Contains("not finite"));
}

TEST_CASE("the axes of numbers follow what is expected", "[image]") {
  const test::Scratch scratch;
  const ImageSetOptions options{.values = ArrayValues::by_channels, .expected = {{12, 6, 8}}};
  scratch.write("f/1.npy", npy_of({8, 12, 6}));
  const std::string batch = scratch.write("b.npy", npy_of({2, 8, 12, 6})),
                    usual = scratch.write("u.npy", npy_of({2, 12, 6, 8}));
  for (const std::string& path : {scratch / "f", batch, usual})
    CHECK(open_data(look_at({path}), options).set.next()->load().pixels.shape() ==
          Tensor(Shape{12, 6, 8}).shape());
}
