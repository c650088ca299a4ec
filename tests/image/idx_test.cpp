#include "lib/image/idx.hpp"

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using namespace std::string_literals;

namespace {

// Two images of 1 x 2 pixels.
const std::string images = "\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x02\x0A\x14\x1E\x28"s;
// gzip -9n of the same.
const std::string packed =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x63\x60\xe0\x60\x66\x60\x60\x60\x02\x62\x46\x10"
    "\xcd\x25\x22\xa7\x01\x00\x80\xe0\x9f\xd3\x14\x00\x00\x00"s;

}  // namespace

TEST_CASE("IDX arrays are read, gzipped or not", "[idx]") {
  for (const auto& bytes : {images, packed}) {
    const NpyArray array = idx_from_bytes(bytes, "a");
    CHECK(array.type == NpyType::uint8);
    CHECK(array.shape == std::vector<std::size_t>{2, 1, 2});
    CHECK(array.to_array()(1, 0, 1) == 40);
  }
  const std::string wide = "\0\0\x0C\x01\0\0\0\x02\xff\xff\xff\xfe\0\0\1\0"s;
  CHECK(idx_from_bytes(wide, "a").to_array()(0) == -2);
  CHECK(idx_from_bytes(wide, "a").to_array()(1) == 256);
  const std::string real = "\0\0\x0D\x01\0\0\0\x01\x3f\x80\0\0"s;
  CHECK(idx_from_bytes(real, "a").to_array()(0) == 1);
}

TEST_CASE("IDX files that hold less or more than they claim are refused", "[idx]") {
  for (std::size_t size = 0; size < images.size(); ++size)
    CHECK_THROWS_AS(idx_from_bytes(images.substr(0, size), "a"), Error);
  for (std::size_t size = 0; size < packed.size(); ++size)
    CHECK_THROWS_AS(idx_from_bytes(packed.substr(0, size), "a"), Error);
  CHECK_THROWS_WITH(idx_from_bytes(images + "x", "a"),
                    "a: the IDX header claims 2 x 1 x 2 uint8 (4 bytes), but 5 bytes follow");
  CHECK_THROWS_WITH(idx_from_bytes("\0\0\x0E\x02\xff\xff\xff\xff\xff\xff\xff\xff"s, "a"),
                    Contains("claims more than any memory holds"));
  CHECK_THROWS_WITH(idx_from_bytes("\0\0\x07\x01\0\0\0\0"s, "a"), Contains("not an IDX file"));
}

TEST_CASE("an IDX file that is not packed is read in place", "[idx]") {
  test::Scratch scratch;
  const NpyReader bytes = read_idx(scratch.write("a", images));
  CHECK(bytes.shape() == std::vector<std::size_t>{2, 1, 2});
  char row[2];
  bytes.read(2, 2, row);
  CHECK(std::string(row, 2) == "\x1E\x28");
  const NpyReader wide =
      read_idx(scratch.write("b", "\0\0\x0C\x01\0\0\0\x02\xff\xff\xff\xfe\0\0\1\0"s));
  std::int32_t numbers[2];
  wide.read(0, 2, reinterpret_cast<char*>(numbers));
  CHECK(numbers[0] == -2);
  CHECK(numbers[1] == 256);
  const std::string shorter = scratch.write("c", images.substr(0, 19));
  CHECK_THROWS_WITH(read_idx(shorter), shorter +
                                           ": the IDX header claims 2 x 1 x 2 uint8 (4 bytes), "
                                           "but 3 bytes follow");
  CHECK_THROWS_AS(read_idx(scratch.write("d", images.substr(0, 9))), Error);
}

TEST_CASE("labels are looked for beside the images", "[idx]") {
  test::Scratch scratch;
  CHECK(idx_labels_beside(scratch / "train-images-idx3-ubyte") == "");
  scratch.write("train-labels-idx1-ubyte.gz", "");
  CHECK_THAT(idx_labels_beside(scratch / "train-images-idx3-ubyte"),
             EndsWith("/train-labels-idx1-ubyte.gz"));
  scratch.write("train-labels-idx1-ubyte", "");
  CHECK_THAT(idx_labels_beside(scratch / "train-images-idx3-ubyte.gz"),
             EndsWith("/train-labels-idx1-ubyte"));
  CHECK(idx_labels_beside(scratch / "a.npy") == "");
}
