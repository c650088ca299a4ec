#include "lib/image/folder.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using Names = std::vector<std::string>;

TEST_CASE("numbers in names sort as numbers", "[image]") {
  const Names want{"a/z.png",  "a b.png",  "img1.png",  "img01.png",
                   "img2.png", "img9.png", "img10.png", "img10b2.png"};
  Names got = want;
  std::ranges::reverse(got);
  std::ranges::sort(got, natural_less);
  // Equal but for zeros: the plain order decides.
  std::swap(got[2], got[3]);
  CHECK(got == want);
  CHECK(natural_less("x99999999999999999998", "x99999999999999999999"));
  CHECK(natural_less("a", "a1"));
  CHECK_FALSE(natural_less("a", "a"));
}

TEST_CASE("files are found below a folder, hidden ones are not", "[image]") {
  test::Scratch scratch;
  for (const char* name :
       {"b/10.png", "b/9.JPG", "a.tif", "notes.txt", ".hidden.png", ".cache/x.png", "b/c/d.exr"})
    scratch.write(name, "");
  CHECK(list_files(scratch.folder()) ==
        Names{"a.tif", "b/9.JPG", "b/10.png", "b/c/d.exr", "notes.txt"});
}

TEST_CASE("links are followed, but not in circles", "[image]") {
  test::Scratch scratch, elsewhere;
  scratch.write("a/1.png", "");
  elsewhere.write("2.png", "");
  std::filesystem::create_directory_symlink(scratch.folder(), scratch / "a/up");
  std::filesystem::create_directory_symlink(elsewhere.folder(), scratch / "other");
  std::filesystem::create_symlink("nowhere", scratch / "broken.png");
  CHECK(list_files(scratch.folder()) == Names{"a/1.png", "broken.png", "other/2.png"});
}

TEST_CASE("a folder that is not there is an error", "[image]") {
  test::Scratch scratch;
  CHECK_THROWS_WITH(list_files(scratch / "none"), Contains("none: the folder can't be read"));
}
