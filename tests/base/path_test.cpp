#include "lib/base/path.hpp"

#include <filesystem>

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

TEST_CASE("extensions are lower-case and of the name alone", "[base]") {
  CHECK(extension_of("a/b.PNG") == ".png");
  CHECK(extension_of("x.tar.gz") == ".gz");
  CHECK(extension_of("a.b/c").empty());
  CHECK(extension_of(".hidden").empty());
  CHECK(extension_of("-").empty());
}

TEST_CASE("a folder is named by a slash, no extension, or what is there", "[base]") {
  const test::Scratch scratch;
  std::filesystem::create_directory(scratch / "old.d");
  CHECK(names_folder("new"));
  CHECK(names_folder("new.d/"));
  CHECK_FALSE(names_folder("new.d"));
  CHECK(names_folder(scratch / "old.d"));
  CHECK_FALSE(names_folder("-"));
}

TEST_CASE("two names of one file, there or not", "[base]") {
  const test::Scratch scratch;
  const std::string file = scratch.write("a.txt", "a");
  std::filesystem::create_symlink(file, scratch / "link.txt");
  CHECK(same_file(file, scratch / "./a.txt"));
  CHECK(same_file(file, scratch / "link.txt"));
  CHECK(same_file(scratch / "new.txt", scratch / "none/../new.txt"));
  CHECK_FALSE(same_file(file, scratch / "b.txt"));
  CHECK_FALSE(same_file("", ""));
  CHECK_FALSE(same_file("-", "-"));
}

TEST_CASE("a name must end as what is written", "[base]") {
  CHECK_NOTHROW(need_extension("a.npz", ".npz"));
  CHECK_NOTHROW(need_extension("/dev/stdout", ".npz"));
  CHECK_THROWS_WITH(need_extension("a.npy", ".npz"),
                    "a.npy: what is written is .npz, so the name must end in it");
}
