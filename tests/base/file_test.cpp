#include "lib/base/file.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "lib/base/error.hpp"
#include "lib/base/file_batch.hpp"
#include "lib/base/temporary.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
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

TEST_CASE("A batch that is given up leaves whole files alone", "[file]") {
  const Scratch scratch;
  {
    FileBatch batch;
    batch.add(scratch / "a", "one");
    CHECK_THROWS_WITH(batch.add(scratch / "none/b", "two"), Contains("none/b: cannot be written"));
    CHECK_THROWS_AS(batch.add("/dev/full", "three"), OutputError);
  }
  CHECK(read_file(scratch / "a") == "one");
  CHECK(files_in(scratch) == 1);
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

namespace {

/// A process that has begun to write `path` and waits.
pid_t begin_to_write(const std::string& path) {
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    AtomicFile file(path);
    file.write("half of it");
    if (::write(pipe_ends[1], "!", 1) != 1) _exit(1);
    for (;;) pause();
  }
  char begun = 0;
  REQUIRE(::read(pipe_ends[0], &begun, 1) == 1);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  return child;
}

void kill_and_wait(pid_t child) {
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

}  // namespace

TEST_CASE("What a killed process left is removed by the next that writes the same file", "[file]") {
  const Scratch scratch;
  kill_and_wait(begin_to_write(scratch / "a.b.txt"));
  kill_and_wait(begin_to_write(scratch / "other.txt"));
  CHECK(files_in(scratch) == 2);
  write_file(scratch / "a.b.txt", "whole");
  CHECK(files_in(scratch) == 2);
  CHECK(read_file(scratch / "a.b.txt") == "whole");
  write_file(scratch / "other.txt", "whole");
  CHECK(files_in(scratch) == 2);
}

TEST_CASE("Temporary files of the living and of other machines stay", "[file]") {
  const Scratch scratch;
  const pid_t child = begin_to_write(scratch / "a.txt");
  const auto touch = [&](const std::string& name) { std::ofstream(scratch / name) << ""; };
  for (const char* name : {".a.00000000-999999999-0.txt", ".a.txt", ".a.b-1-2.txt"}) touch(name);
  const std::string mine = std::filesystem::path(temporary_name("a.txt")).filename().string();
  const std::string host = mine.substr(0, mine.find('-'));  // ".a.HOST"
  touch(host + "-999999999-.txt");
  touch(host + "-999999999-0x.txt");
  touch(host + "-999999999-0.txt");  // the only one whose process is known to be gone
  write_file(scratch / "a.txt", "whole");
  CHECK(files_in(scratch) == 7);
  CHECK_FALSE(std::filesystem::exists(scratch / (host + "-999999999-0.txt")));
  kill_and_wait(child);
}

TEST_CASE("Text is read without a byte order mark", "[file]") {
  const Scratch scratch;
  CHECK(read_text(scratch.write("a", "\xef\xbb\xbfone")) == "one");
  CHECK(read_text(scratch.write("a", "one")) == "one");
  CHECK(read_text(scratch.write("a", "\xef\xbb")) == "\xef\xbb");
  for (const std::string_view mark : {"\xff\xfeo", "\xfe\xffo"}) {
    const std::string path = scratch.write("a", mark);
    CHECK_THROWS_WITH(read_text(path), path + ": is text in UTF-16; save it as UTF-8");
  }
}

TEST_CASE("Files without end are read no further than their kind allows", "[file]") {
  const Scratch scratch;
  const std::string sparse = scratch / "sparse", zeros(4096, '\0');
  std::ofstream(sparse) << "";
  std::filesystem::resize_file(sparse, std::uintmax_t(1) << 40);
  for (const std::string& path : {std::string("/dev/zero"), sparse}) {
    CHECK(read_text(path) == zeros);
    CHECK(read_binary(path) == zeros);
    CHECK_THROWS_WITH(read_file(path, {1 << 20, "a test"}),
                      path + ": has more than 1048576 bytes, the limit of a test");
  }
  const std::string five = scratch.write("a", "12345");
  CHECK(read_file(five, {5, "a test"}) == "12345");
  CHECK_THROWS_AS(read_file(five, {4, "a test"}), Error);
  CHECK_THROWS_AS(read_text(five, {4, "a test"}), Error);
}

TEST_CASE("Names as long as a file system has them are written, longer ones fail alone", "[file]") {
  const Scratch scratch;
  for (const std::string& name :
       {std::string(255, 'a'), std::string(251, 'b') + ".png", std::string(215, 'c') + ".png",
        "." + std::string(254, 'd'), std::string(20, 'e') + "." + std::string(234, 'f')}) {
    write_file(scratch / name, name);
    CHECK(read_file(scratch / name) == name);
  }
  std::string wide;  // of characters of two bytes
  while (wide.size() < 254) wide += "\xc3\xa4";
  write_file(scratch / wide, "");
  CHECK(temporary_name(wide).size() <= 255);
  CHECK(temporary_name(wide).find("\xc3.") == std::string::npos);
  CHECK(temporary_name(wide).find("\xc3~") == std::string::npos);
  CHECK(files_in(scratch) == 6);
  // One input's fault, and not the disk's.
  CHECK_THROWS_AS(write_file(scratch / "no/a", ""), OutputError);
  try {
    write_file(scratch / std::string(256, 'a'), "");
  } catch (const Error& e) {
    CHECK(dynamic_cast<const OutputError*>(&e) == nullptr);
  }
}

TEST_CASE("What a killed process left of a file with a long name is removed", "[file]") {
  const Scratch scratch;
  const std::string path = scratch / (std::string(250, 'x') + ".png");
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    AtomicFile half(path);
    half.write("half");
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  REQUIRE(files_in(scratch) == 1);
  write_file(path, "whole");
  CHECK(files_in(scratch) == 1);
  CHECK(read_file(path) == "whole");
}
