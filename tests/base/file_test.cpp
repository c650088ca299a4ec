#include "lib/base/file.hpp"

#include "lib/base/error.hpp"
#include "lib/base/file_batch.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using Catch::Matchers::Contains;
using test::Scratch;

namespace {

std::size_t files_in(const Scratch& scratch) {
  return std::size_t(std::distance(std::filesystem::directory_iterator(scratch.folder()), {}));
}

}  // namespace

TEST_CASE("A file can be looked at before it is read", "[file]") {
  const Scratch scratch;
  const std::string path = scratch / "f";
  for (const std::size_t size : {0, 1, 4095, 4096, 4097, 600'000}) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += char(i * 31 / 7);
    write_file(path, bytes);
    InputFile pieces(path), rest(path), all(path);
    CHECK(pieces.front() == std::string_view(bytes).substr(0, 4096));
    std::string joined;
    for (auto piece = pieces.next(); !piece.empty(); piece = pieces.next()) joined += piece;
    CHECK(joined == bytes);
    CHECK(rest.rest() == bytes);
    all.read_all();
    CHECK(all.front() == bytes);
    CHECK(all.rest() == bytes);
  }
}

TEST_CASE("The files of a batch appear together", "[file]") {
  const Scratch scratch;
  FileBatch batch;
  batch.add(scratch / "a", "one");
  batch.add(scratch / "b", "two");
  CHECK_FALSE(std::filesystem::exists(scratch / "a"));
  batch.flush();
  batch.add(scratch / "c", "three");
  batch.finish();
  CHECK(read_file(scratch / "a") == "one");
  CHECK(read_file(scratch / "b") == "two");
  CHECK(read_file(scratch / "c") == "three");
  CHECK(files_in(scratch) == 3);
}

TEST_CASE("Files of a batch that is given up leave nothing behind", "[file]") {
  const Scratch scratch;
  {
    FileBatch batch;
    batch.add(scratch / "a", "one");
    CHECK_THROWS_WITH(batch.add(scratch / "none/b", "two"), Contains("none/b: cannot be written"));
    CHECK_THROWS_AS(batch.add("/dev/full", "three"), OutputError);
  }
  CHECK(files_in(scratch) == 0);
}

TEST_CASE("What keeps a file of a batch from appearing is told by the next call", "[file]") {
  const Scratch scratch;
  FileBatch batch;
  batch.add(scratch / "a", "one");
  std::filesystem::create_directory(scratch / "a");  // in the way
  batch.flush();
  CHECK_THROWS_WITH(batch.finish(), Contains("a: cannot be written"));
  CHECK(files_in(scratch) == 1);
}
