#include "lib/tensor/formats/npy.hpp"

#include <unistd.h>

#include <cmath>
#include <cstring>

#include "lib/base/error.hpp"
#include "lib/tensor/formats/npy_reader.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

const std::string data = TEST_DATA_DIR "/npy/";
using Sizes = std::vector<std::size_t>;

std::string with_header(const std::string& dictionary, std::size_t data_bytes = 0) {
  std::string file("\x93NUMPY\x01\x00", 8);
  file += char(dictionary.size());
  file += char(dictionary.size() >> 8);
  return file + dictionary + std::string(data_bytes, '\0');
}

void check_counts_from(const NpyArray& array, double first) {
  REQUIRE(array.shape == Sizes{2, 3, 4});
  const Tensor single = array.to_tensor();
  const Array exact = array.to_array();
  for (std::size_t i = 0; i < 24; ++i) {
    CHECK(single.data()[i] == float(first + double(i)));
    CHECK(exact.data()[i] == first + double(i));
  }
}

}  // namespace

TEST_CASE("arrays of every number type and both byte orders are read", "[npy]") {
  for (const std::string type : {"u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"})
    for (const std::string order : {"little", "big"}) {
      INFO(type << " " << order);
      check_counts_from(read_npy(data + type + "-" + order + ".npy"), type[0] == 'u' ? 0 : -12);
    }
  const NpyArray truths = read_npy(data + "bool.npy");
  CHECK(truths.type == NpyType::boolean);
  CHECK(truths.to_array()(0, 0, 0) == 1);
  CHECK(truths.to_array()(0, 0, 1) == 0);
}

TEST_CASE("Fortran order is turned into C order", "[npy]") {
  check_counts_from(read_npy(data + "fortran.npy"), 0);
  check_counts_from(read_npy(data + "fortran-big.npy"), 0);
}

TEST_CASE("format versions 1, 2 and 3 are read", "[npy]") {
  for (const char* version : {"1", "2", "3"})
    check_counts_from(read_npy(data + "version" + version + ".npy"), 0);
}

TEST_CASE("elements read one by one from a file are those of the whole array", "[npy]") {
  for (const std::string name : {"f4-little", "f4-big", "u2-big", "f8-big", "fortran-big",
                                 "version2", "version3", "u1-little"}) {
    INFO(name);
    const std::string path = data + name + ".npy";
    const NpyArray whole = read_npy(path);
    const NpyReader in_file(path), in_memory(whole);
    const std::size_t each = bytes_per_element(whole.type);
    CHECK(in_file.type() == whole.type);
    CHECK(in_file.shape() == whole.shape);
    for (const NpyReader* reader : {&in_file, &in_memory}) {
      std::string bytes(5 * each, '\0');
      reader->read(7, 5, bytes.data());
      CHECK(bytes == whole.bytes.substr(7 * each, 5 * each));
    }
  }
  CHECK_THROWS_WITH(NpyReader(data + "two.npy"), Contains("a file holds one array"));
}

TEST_CASE("scalars and empty arrays are arrays", "[npy]") {
  CHECK(read_npy(data + "scalar.npy").to_array()() == 2.5);
  const NpyArray empty = read_npy(data + "empty.npy");
  CHECK(empty.shape == Sizes{0, 3});
  CHECK(empty.count() == 0);
  CHECK(empty.to_tensor().size() == 0);
}

TEST_CASE("half precision is exact", "[npy]") {
  const Tensor got = read_npy(data + "halves.npy").to_tensor();
  const Tensor want = read_npy(data + "halves-as-float32.npy").to_tensor();
  CHECK(std::memcmp(got.data(), want.data(), want.size() * sizeof(float)) == 0);
  CHECK(std::isinf(got(9)));
}

TEST_CASE("a file holds one array", "[npy]") {
  CHECK_THROWS_WITH(read_npy(data + "two.npy"),
                    EndsWith("follow the array; a file holds one array"));
}

TEST_CASE("arrays that are no numbers are refused by name", "[npy]") {
  CHECK_THROWS_WITH(read_npy(data + "objects.npy"), Contains("objects.npy: an array of Python"));
  CHECK_THROWS_WITH(read_npy(data + "records.npy"), Contains("records.npy: an array of records"));
  CHECK_THROWS_WITH(read_npy(data + "complex.npy"), Contains("elements of type '<c8'"));
}

TEST_CASE("a truncated file is refused wherever it ends", "[npy]") {
  const std::string whole = read_file(data + "version2.npy");
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK_THROWS_AS(npy_from_bytes(whole.substr(0, size), "a.npy"), Error);
  CHECK_THROWS_WITH(npy_from_bytes(whole.substr(0, whole.size() - 1), "a.npy"),
                    "a.npy: truncated: the header claims 2 x 3 x 4 float32 (96 bytes), but 95 "
                    "bytes follow");
}

TEST_CASE("claims of impossible size are refused before memory is taken", "[npy]") {
  const auto claim = [](const std::string& shape) {
    return with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }", 8);
  };
  for (const char* shape : {"4000000000, 4000000000, 4000000000", "9223372036854775807,", "3,"})
    CHECK_THROWS_WITH(npy_from_bytes(claim(shape), "a.npy"),
                      Contains("a.npy: truncated: the header"));
  CHECK(npy_from_bytes(claim("2,"), "a.npy").count() == 2);
  CHECK(npy_from_bytes(claim("1, 2L"), "a.npy").shape == Sizes{1, 2});
}

TEST_CASE("malformed headers are refused", "[npy]") {
  const std::string good = "'descr': '<f4', 'fortran_order': False, 'shape': ()";
  CHECK(npy_from_bytes(with_header("{" + good + "}", 4), "a").count() == 1);
  for (const std::string bad :
       {"", "{", "[]", "{}", "{'descr': '<f4'}", "{'descr': <f4}", "{'descr': '<f4",
        "{'descr': '', 'fortran_order': False, 'shape': ()}",
        "{'descr': '<f3', 'fortran_order': False, 'shape': ()}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': ()}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 3}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (), 'more': 'x'}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}"}) {
    INFO(bad);
    CHECK_THROWS_AS(npy_from_bytes(with_header(bad, 4), "a"), Error);
  }
  CHECK_THROWS_AS(npy_from_bytes(with_header("{" + good + "} x", 4), "a"), Error);
  std::string version9 = with_header("{" + good + "}", 4);
  version9[6] = 9;
  CHECK_THROWS_WITH(npy_from_bytes(version9, "a"), Contains("version 9 is not known"));
}

TEST_CASE("what is written reads back, with the data aligned to 64 bytes", "[npy]") {
  test::Scratch scratch;
  Tensor tensor(Shape{2, 3});
  Array array(Array::shape_type{4});
  for (std::size_t i = 0; i < 6; ++i) tensor.data()[i] = float(i) / 7;
  for (std::size_t i = 0; i < 4; ++i) array.data()[i] = double(i) / 7;
  write_npy(scratch / "a.npy", tensor);
  write_npy(scratch / "b.npy", array);
  CHECK((read_npy(scratch / "a.npy").to_tensor() == tensor));
  CHECK((read_npy(scratch / "b.npy").to_array() == array));
  for (const Sizes& shape : {Sizes{}, Sizes{5}, Sizes{1, 2, 3}, Sizes(60, 1)}) {
    const std::string header = npy_header(NpyType::uint8, shape);
    CHECK(header.size() % 64 == 0);
    std::size_t bytes = 1;
    for (const std::size_t extent : shape) bytes *= extent;
    CHECK(npy_from_bytes(header + std::string(bytes, 'x'), "a").shape == shape);
  }
}

TEST_CASE("a writer leaves a whole file or none", "[npy]") {
  test::Scratch scratch;
  const float row[3] = {1, 2, 3};
  {
    NpyWriter abandoned(scratch / "a.npy", NpyType::float32, {2, 3});
    abandoned.append(row, sizeof row);
  }
  CHECK(std::filesystem::is_empty(scratch.folder()));
  NpyWriter writer(scratch / "a.npy", NpyType::float32, {2, 3});
  writer.append(row, sizeof row);
  writer.append(row, sizeof row);
  writer.commit();
  CHECK(read_npy(scratch / "a.npy").to_tensor()(1, 2) == 3);
}
