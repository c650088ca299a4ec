// Points: rows of numbers as text and as arrays.
#include "lib/image/points.hpp"

#include <vector>

#include "lib/base/error.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

std::vector<float> numbers(const std::string& text, std::size_t rows) {
  const Tensor points = parse_points(text, "x.csv");
  CHECK(points.shape(0) == rows);
  return {points.begin(), points.end()};
}

}  // namespace

TEST_CASE("rows of numbers between commas, tabs or blanks", "[image]") {
  const std::vector<float> expected{1, -2.5f, 3e-3f, 400};
  CHECK(numbers("1,-2.5\n3e-3,400\n", 2) == expected);
  CHECK(numbers("1, -2.5\r\n3e-3 ,400", 2) == expected);
  CHECK(numbers("1\t-2.5\n\n3e-3\t400\n\n", 2) == expected);
  CHECK(numbers("  1   -2.5\n3e-3 400\n", 2) == expected);
  CHECK(numbers("1\n-2.5\n3e-3\n400\n", 4) == expected);
}

TEST_CASE("a first line of names is a heading", "[image]") {
  CHECK(numbers("x,y\n1,2\n", 1) == std::vector<float>{1, 2});
  CHECK(numbers("\nx0 x1\n1 2\n", 1) == std::vector<float>{1, 2});
  CHECK_THROWS_WITH(parse_points("1,2\nx,y\n", "x.csv"), "x.csv: line 2: 'x' is not a number");
  CHECK_THROWS_WITH(parse_points("1,y\n", "x.csv"), "x.csv: line 1: 'y' is not a number");
  CHECK_THROWS_WITH(parse_points("x,y,z\n1,2\n", "x.csv"),
                    "x.csv: line 2: has 2 numbers where the heading has 3");
  for (const std::string row : {"NA,NA", "1e400,1e400", "0x10,y", ",", "1;2"})
    CHECK_THROWS_WITH(parse_points(row + "\n1,2\n", "x.csv"), StartsWith("x.csv: line 1: '"));
}

TEST_CASE("bad rows are named by line and value", "[image]") {
  const auto wrong = [](const std::string& text, const std::string& why) {
    CHECK_THROWS_WITH(parse_points(text, "x.csv"), StartsWith("x.csv: " + why));
  };
  wrong("1,2\n\n3,4x\n", "line 3: '4x' is not a number");
  wrong("1,2\n3,,4\n", "line 2: has 3 numbers where the first row has 2");
  wrong("1,2\n3,\n", "line 2: '' is not a number");
  wrong("1,2\n3\n", "line 2: has 1 number where the first row has 2");
  wrong("1,2\n3,nan\n", "line 2: 'nan' is not finite");
  wrong("1,1e39\n", "line 1: '1e39' is not finite");
  wrong("x,y\n", "holds no row of numbers");
}

TEST_CASE("files of points are known by their names and axes", "[image]") {
  const test::Scratch scratch;
  const auto table = read_points(scratch.write("a.csv", "x\ty\n1\t2\n3\t4\n"));
  REQUIRE(table);
  CHECK((table->values.shape() == Shape{2, 1, 1, 2}));
  CHECK((table->values(1, 0, 0, 0) == 3));
  const std::string array = scratch / "a.npy";
  write_npy(array, Tensor(Shape{5, 3}, 7.0f));
  CHECK((read_points(array)->values.shape() == Shape{5, 1, 1, 3}));
  write_npy(array, Tensor(Shape{5, 1, 1, 2}, 0.5f));  // as the tools write them
  CHECK((read_points(array)->values.shape() == Shape{5, 1, 1, 2}));
  for (const Shape& images : {Shape{5, 3, 3}, Shape{5, 1, 2, 1}}) {
    write_npy(array, Tensor(images, 7.0f));
    CHECK_FALSE(read_points(array));
  }
  CHECK_FALSE(read_points(scratch.write("a.md", "1,2\n")));
  CHECK_FALSE(read_points(scratch / "missing.csv"));
}

TEST_CASE("points are images of one row each", "[image]") {
  Tensor values(Shape{2, 1, 1, 2}, 300.0f);
  values(1, 0, 0, 1) = INFINITY;
  const ImageSet set = set_of_points({values, "x.csv", "in/x.csv"});
  CHECK(set.count == std::size_t(2));
  const auto first = set.next(), second = set.next();
  REQUIRE((first && second));
  CHECK(first->name == "x.csv[0]");
  CHECK(first->load().pixels(0, 0, 1) == 300);
  CHECK_THROWS_WITH(second->load(), StartsWith("in/x.csv[1]: value 1 is not finite"));
  CHECK_FALSE(set.next());
}
