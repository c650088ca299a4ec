#include "lib/base/deflate.hpp"

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;
using namespace std::string_literals;

namespace {

// printf 'hello hello hello\n' | gzip -9n
const std::string hello =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90\x5c\x00\x3b\x7c"
    "\x8a"
    "\xdf\x12\x00\x00\x00"s;
const std::string text = "hello hello hello\n";

}  // namespace

TEST_CASE("crc32 gives the published check value", "[deflate]") {
  CHECK(crc32("123456789") == 0xCBF43926);
}

TEST_CASE("a gzip file is unpacked, all its members", "[deflate]") {
  CHECK(is_gzip(hello));
  CHECK_FALSE(is_gzip(text));
  CHECK(gunzip(hello, 18, "a.gz") == text);
  CHECK(gunzip(hello + hello, 100, "a.gz") == text + text);
  CHECK(gunzip_front(hello, 5, "a.gz") == "hello");
  CHECK(gunzip_front(hello + hello, 20, "a.gz") == text + "he");
  CHECK(gunzip_front(hello, 100, "a.gz") == text);
}

TEST_CASE("damaged gzip files are refused", "[deflate]") {
  CHECK_THROWS_WITH(gunzip(hello, 17, "a.gz"),
                    "a.gz: unpacks to more than the 17 bytes it should hold");
  for (std::size_t size = 0; size < hello.size(); ++size)
    CHECK_THROWS_WITH(gunzip(hello.substr(0, size), 100, "a.gz"),
                      Contains("a.gz: the compressed data is truncated"));
  std::string damaged = hello;
  damaged[hello.size() - 6] ^= 1;
  CHECK_THROWS_WITH(gunzip(damaged, 100, "a.gz"), Contains("a.gz: the compressed data is damaged"));
}

TEST_CASE("a raw stream must unpack to the size claimed", "[deflate]") {
  const std::string raw = hello.substr(10, hello.size() - 18);
  CHECK(inflate_raw(raw, text.size(), "m") == text);
  CHECK_THROWS_WITH(inflate_raw(raw, 17, "m"), Contains("unpacks to another size than the 17"));
  CHECK_THROWS_WITH(inflate_raw(raw, 19, "m"), Contains("unpacks to another size than the 19"));
  CHECK_THROWS_WITH(inflate_raw(raw, 1ull << 50, "m"), Contains("can't hold"));
}
