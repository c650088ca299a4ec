#include "lib/tensor/stack.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/tensor/finite.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::filled;
using testing::largest_difference;
using testing::normals;

TEST_CASE("tensors stack along a new first axis and come off again", "[tensor]") {
  const std::vector<Tensor> parts{normals({2, 3, 1}, 1), normals({2, 3, 1}, 2),
                                  normals({2, 3, 1}, 3)};
  const Tensor all = stacked(parts);
  CHECK(all.shape() == Shape{3, 2, 3, 1});
  CHECK(all.shape() == batch_shape(3, parts[0].shape()));
  for (std::size_t n = 0; n < 3; ++n) {
    CHECK(largest_difference(unstacked(all, n), parts[n]) == 0);
    CHECK(row_of(all, n).size() == 6);
    CHECK(row_of(all, n)[5] == parts[n].data()[5]);
  }
}

TEST_CASE("rows are taken from a batch and put into one", "[tensor]") {
  const Tensor all = normals({5, 2, 2}, 4);
  const Tensor middle = rows_from(all, 1, 3);
  CHECK(middle.shape() == Shape{3, 2, 2});
  for (std::size_t n = 0; n < 3; ++n)
    CHECK(largest_difference(unstacked(middle, n), unstacked(all, n + 1)) == 0);
  Tensor copy = filled({5, 2, 2}, 7);
  put_rows(middle, copy, 1);
  CHECK(largest_difference(rows_from(copy, 1, 3), middle) == 0);
  for (const std::size_t kept : {0, 4})
    for (const float value : row_of(copy, kept)) CHECK(value == 7);
}

TEST_CASE("a value that is not finite is found and named", "[tensor]") {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  Tensor values = filled({7}, std::numeric_limits<float>::max());
  CHECK(all_finite(values));
  CHECK_FALSE(first_not_finite({values.data(), values.size()}).has_value());
  CHECK_NOTHROW(need_finite(values, "x.npy"));
  for (const float odd : {infinity, -infinity, std::nanf("")}) {
    values(5) = odd;
    CHECK_FALSE(all_finite(values));
    CHECK(first_not_finite({values.data(), values.size()}) == 5);
    CHECK_THROWS_WITH(need_finite(values, "x.npy"), StartsWith("x.npy: value 5 is not finite"));
  }
}
