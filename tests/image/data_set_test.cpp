// DATA that is points or images.
#include "lib/image/data_set.hpp"

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
  CHECK(data.points == scratch / "p");
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
