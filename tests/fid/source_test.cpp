#include "lib/fid/source.hpp"

#include <sys/stat.h>

#include <thread>

#include "lib/base/error.hpp"
#include "lib/tensor/formats/npz.hpp"
#include "tests/fid/sets.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

std::string numbers(const std::vector<std::size_t>& shape) {
  std::size_t count = 1;
  for (const std::size_t extent : shape) count *= extent;
  return npy_bytes(NpyType::uint8, shape, std::string(count, 'x'));
}

/// The rows that a file holds, or 0 where it holds something else.
std::size_t rows_in(const std::string& path) {
  const FeatureSource source = open_feature_source(path, {});
  const auto* rows = std::get_if<ReadyRows>(&source);
  return rows == nullptr ? 0 : rows->count();
}

}  // namespace

TEST_CASE("features are arrays of two axes, in archives by name", "[fid]") {
  const test::Scratch scratch;
  const auto archive = [&](const std::vector<std::pair<std::string, std::string>>& members) {
    write_npz(scratch / "a.bin", members);
    return scratch / "a.bin";
  };
  for (const char* name : {"feats", "reps", "pool_3", "arr_0"})
    CHECK(rows_in(archive({{"ids", numbers({9, 9})}, {name, numbers({5, 4})}})) == 5);
  CHECK(rows_in(archive({{"anything", numbers({6, 4})}})) == 6);
  CHECK(rows_in(archive({{"arr_0", numbers({2, 8, 8, 3})}, {"arr_1", numbers({2})}})) == 0);
  CHECK_THROWS_WITH(rows_in(archive({{"a", numbers({6, 4})}, {"b", numbers({6, 4})}})),
                    Contains("a.bin: which of its arrays holds features? a, b have two axes"));
  write_npy(scratch / "rows", test::normals(7, 2, 0));
  CHECK(rows_in(scratch / "rows") == 7);
}

TEST_CASE("the shape of an array in an archive is read without it", "[npy]") {
  for (const char* name : {"stored", "deflated"}) {
    const NpzFile file(std::string(TEST_DATA_DIR "/npy/") + name + ".npz");
    REQUIRE_FALSE(file.names().empty());
    for (const std::string& array : file.names())
      CHECK(file.shape_of(array) == file.read(array).shape);
  }
}

TEST_CASE("statistics are known by their contents, and read from a pipe", "[fid]") {
  const test::Scratch scratch;
  const std::string pipe = scratch / "pipe", published = TEST_DATA_DIR "/fid/published.npz";
  scratch.write("statistics", read_file(published));
  CHECK(std::holds_alternative<SetStatistics>(open_feature_source(scratch / "statistics", {})));
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const auto through = [&](const std::string& file) {
    std::thread writer([&] { AtomicFile(pipe).write(read_file(file)); });
    FeatureSource source = open_feature_source(pipe, {});
    writer.join();
    return source;
  };
  CHECK(std::holds_alternative<SetStatistics>(through(published)));
  CHECK(std::get<ReadyRows>(through(TEST_DATA_DIR "/fid/real.npy")).dims() == 4);
  CHECK(std::get<ImageSet>(through(TEST_DATA_DIR "/image/rgb.png")).count == 1u);
  // A zip archive of other files than arrays is one of pictures.
  CHECK(std::holds_alternative<ImageSet>(through(TEST_DATA_DIR "/torch/module.pth")));
}
