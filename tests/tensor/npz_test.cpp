#include "lib/tensor/formats/npz.hpp"

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

const std::string data = TEST_DATA_DIR "/npy/";

void replace_all(std::string& bytes, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = bytes.find(from, at)) != bytes.npos; at += to.size())
    bytes.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("archives of NumPy are read: stored, deflated, ZIP64", "[npz]") {
  for (const char* name : {"stored.npz", "deflated.npz", "zip64.npz"}) {
    INFO(name);
    const NpzFile file(data + name);
    const Tensor a = file.read("a").to_tensor();
    REQUIRE(a.size() == 24);
    for (std::size_t i = 0; i < 24; ++i) CHECK(a.data()[i] == float(i));
  }
  const NpzFile stored(data + "stored.npz");
  CHECK(stored.names() == std::vector<std::string>{"a", "b"});
  CHECK(stored.has("b"));
  CHECK(stored.read("b").to_array()(1) == 2.5);
  CHECK(NpzFile(data + "deflated.npz").read("zeros").count() == 10000);
}

TEST_CASE("a directory may be described by ZIP64's record alone", "[npz]") {
  std::string bytes = read_file(data + "zip64.npz");
  bytes.replace(bytes.size() - 14, 12, 12, '\xff');
  CHECK(NpzFile(bytes, "a.npz").read("b").to_array()(1) == 2.5);
  bytes[bytes.find("PK\x06\x06") + 48] ^= 1;
  CHECK_THROWS_WITH(NpzFile(bytes, "a.npz"), Contains("a damaged .npz archive"));
}

TEST_CASE("an archive's comment and other members are passed over", "[npz]") {
  const NpzFile file(data + "comment.npz");
  CHECK(file.names() == std::vector<std::string>{"arr_0"});
  CHECK(file.read("arr_0").to_array()(2) == 3);
}

TEST_CASE("what an archive lacks, or can't be read, is named", "[npz]") {
  CHECK_THROWS_WITH(NpzFile(data + "stored.npz").read("mu"),
                    Contains("stored.npz: no array 'mu' (has: a, b)"));
  CHECK_THROWS_WITH(NpzFile(data + "objects.npz").read("bad"),
                    Contains("objects.npz: array 'bad': an array of Python objects"));
  CHECK(NpzFile(data + "objects.npz").read("good").count() == 3);
  CHECK_THROWS_WITH(NpzFile(data + "bzip2.npz").read("arr_0"),
                    Contains("compression method 12 is not known"));
  CHECK_THROWS_WITH(NpzFile(data + "f4-little.npy"), Contains("not an .npz archive"));
}

TEST_CASE("a truncated archive is refused wherever it ends", "[npz]") {
  const std::string whole = read_file(data + "zip64.npz");
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK_THROWS_AS(NpzFile(whole.substr(0, size), "a.npz"), Error);
}

TEST_CASE("no single changed byte gives other numbers unseen", "[npz]") {
  const std::string whole = read_file(data + "deflated.npz");
  const std::string want = NpzFile(whole, "a.npz").read("a").bytes;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = char(damaged[at] ^ 0x55);
    std::string got = want;
    try {
      got = NpzFile(damaged, "a.npz").read("a").bytes;
    } catch (const Error&) {
    }
    CHECK(got == want);
  }
}

TEST_CASE("a member can't claim more than its bytes could unpack to", "[npz]") {
  std::string bytes = read_file(data + "deflated.npz");
  const std::size_t directory = bytes.find("PK\x01\x02");
  bytes.replace(directory + 24, 4, "\xff\xff\xff\x7f");  // 2 GB
  CHECK_THROWS_WITH(NpzFile(bytes, "a.npz").read("a"), Contains("can't hold the 2147483647 bytes"));
}

TEST_CASE("two members of one name are refused", "[npz]") {
  std::string bytes = read_file(data + "stored.npz");
  replace_all(bytes, "b.npy", "a.npy");
  CHECK_THROWS_WITH(NpzFile(bytes, "a.npz"), "a.npz: member 'a.npy' occurs twice");
}

TEST_CASE("what is written reads back, and is the same each time", "[npz]") {
  test::Scratch scratch;
  Tensor a(Shape{2, 2});
  a.fill(0.25f);
  Array b(Array::shape_type{3});
  b.fill(-1.5);
  for (const char* name : {"1.npz", "2.npz"})
    write_npz(scratch / name, {{"a", npy_bytes(a)}, {"b", npy_bytes(b)}});
  const NpzFile file(scratch / "1.npz");
  CHECK((file.read("a").to_tensor() == a));
  CHECK((file.read("b").to_array() == b));
  CHECK(read_file(scratch / "1.npz") == read_file(scratch / "2.npz"));
  NpzWriter writer(scratch / "3.npz");
  writer.begin("a", NpyType::float32, {2, 2});
  for (const float& value : a) writer.append(&value, sizeof value);
  writer.add("b", npy_bytes(b));
  writer.commit();
  CHECK(read_file(scratch / "3.npz") == read_file(scratch / "1.npz"));
  write_npz(scratch / "none.npz", {});
  CHECK(NpzFile(scratch / "none.npz").names().empty());
}
