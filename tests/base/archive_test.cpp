#include "lib/base/archive.hpp"
#include "lib/base/file_kind.hpp"

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using test::Scratch;

namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

std::string tar_of(const Members& members) {
  const Scratch scratch;
  const std::string path = scratch / "a.tar";
  TarWriter writer(path);
  for (const auto& [name, bytes] : members) writer.add(name, bytes);
  writer.commit();
  return read_file(path);
}

/// Hands out `bytes` in pieces of `size`.
ByteSource in_pieces(const std::string& bytes, std::size_t size) {
  return [&bytes, size, at = std::size_t(0)]() mutable {
    const std::string_view piece = std::string_view(bytes).substr(at, size);
    at += piece.size();
    return piece;
  };
}

Members members_of(const std::string& bytes, std::size_t piece = 1 << 16) {
  const auto reader = read_archive(in_pieces(bytes, piece), "a.tar");
  Members found;
  while (const auto member = reader->next()) found.emplace_back(member->name, reader->contents());
  return found;
}

}  // namespace

TEST_CASE("A tar archive gives back what was put in, in any pieces", "[archive]") {
  const Members members{{"a.txt", "one"},
                        {"sub/b.bin", std::string(100'000, '\0') + "end"},
                        {"empty", ""},
                        {std::string(300, 'n') + "/\xc3\xa4\xff.png", "long and not in UTF-8"}};
  const std::string bytes = tar_of(members);
  CHECK(file_kind(bytes) == FileKind::tar);
  CHECK(bytes == tar_of(members));
  CHECK(members_of(bytes) == members);
  CHECK(members_of(bytes, 7) == members);
}

TEST_CASE("A damaged archive is an error that names it", "[archive]") {
  const std::string bytes = tar_of({{"a.txt", std::string(5000, 'x')}, {"b.txt", "two"}});
  CHECK_THROWS_WITH(members_of(bytes.substr(0, 3000)),
                    Contains("a.tar: not an archive that can be read to its end ("));
  CHECK_THROWS_AS(members_of("no archive at all" + std::string(600, '!')), Error);
  std::string changed = bytes;
  changed[512 + 5120 + 3] = 'X';  // in the second header, against its check sum
  CHECK_THROWS_AS(members_of(changed), Error);
}

TEST_CASE("A tar that lacks the blocks at its end is told from a whole one", "[archive]") {
  const auto remark = [](const std::string& bytes) {
    const auto reader = read_archive(in_pieces(bytes, 1000), "a.tar");
    while (reader->next()) continue;
    return reader->remark();
  };
  const std::string bytes = tar_of({{"a.txt", std::string(700, 'x')}, {"b.txt", "two"}});
  CHECK(remark(bytes).empty());
  CHECK(remark(bytes.substr(0, bytes.size() - 512)).empty());
  CHECK(remark(bytes + std::string(9216, '\0')).empty());
  for (const std::size_t size : {bytes.size() - 1024, std::size_t(1536)})
    CHECK_THAT(remark(bytes.substr(0, size)), Contains("it may have been cut off"));
}

TEST_CASE("What follows the end of a tar is another one, or an error", "[archive]") {
  const std::string one = tar_of({{"a.txt", "one"}}), two = tar_of({{"b.txt", "two"}});
  const Members both{{"a.txt", "one"}, {"b.txt", "two"}};
  CHECK(members_of(one + two) == both);
  CHECK(members_of(one + std::string(8704, '\0') + two) == both);
  CHECK_THROWS_WITH(members_of(one + std::string(512, 'x')),
                    Contains("a.tar: not an archive that can be read to its end ("));
  CHECK_THROWS_AS(members_of(one + "x"), Error);
}

TEST_CASE("What a source throws arrives as it was thrown", "[archive]") {
  const auto fails = []() -> std::string_view { throw Error("the pipe broke"); };
  CHECK_THROWS_WITH(read_archive(fails, "a.tar")->next(), "the pipe broke");
}

TEST_CASE("An archive that is not finished does not appear", "[archive]") {
  const Scratch scratch;
  const std::string path = scratch / "a.tar";
  { TarWriter(path).add("a.txt", "one"); }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_THROWS_AS(TarWriter("/dev/full").add("a", std::string(1 << 20, 'x')), OutputError);
}
