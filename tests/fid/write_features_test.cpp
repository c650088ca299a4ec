#include "lib/fid/write_features.hpp"

#include <limits>

#include "lib/base/error.hpp"
#include "lib/fid/feature_file.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "tests/fid/sets.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

TEST_CASE("features are written a row an image, and none of no image", "[fid]") {
  const test::Scratch scratch;
  const Tensor images = test::images(40, 0);
  write_npy(scratch / "a.npy", images);
  const std::string out = scratch / "f.npy";
  SetReader reader({.extractor = test::four_pixels});
  write_features(reader, reader.open(scratch / "a.npy"), FeatureKind::features, out);
  const Tensor rows = read_features(out);
  REQUIRE(rows.shape() == Shape{40, 4});
  CHECK(std::equal(rows.begin(), rows.end(), images.begin()));

  SetReader empty({.extractor = test::four_pixels, .extent = {.shard = Shard{1, 41}}});
  write_features(empty, empty.open(scratch / "a.npy"), FeatureKind::features, out);
  const NpyReader none(out);
  CHECK(none.shape() == std::vector<std::size_t>{0, 4});
  CHECK_THROWS_WITH(
      write_features(reader, reader.open(scratch / "a.npy"), FeatureKind::logits, out),
      Contains("features: needs logits, which four-pixels does not give"));
}

TEST_CASE("merged features follow each other", "[fid]") {
  const test::Scratch scratch;
  const Tensor a = test::normals(3, 2, 0), b = test::normals(2, 2, 1);
  write_npy(scratch / "a.npy", a);
  write_npy(scratch / "b.npy", b);
  write_npy(scratch / "none.npy", Tensor(Shape{0, 2}));
  write_npy(scratch / "wide.npy", test::normals(2, 3, 2));
  const std::string out = scratch / "out.npy";
  const auto merged = [&](const std::vector<std::string>& names) {
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(scratch / name);
    merge_features(std::get<ReadyRows>(open_ready(paths[0])), paths, out);
    return read_features(out);
  };
  const Tensor all = merged({"a.npy", "none.npy", "b.npy"});
  REQUIRE(all.shape() == Shape{5, 2});
  CHECK(std::equal(a.begin(), a.end(), all.begin()));
  CHECK(std::equal(b.begin(), b.end(), all.begin() + 6));
  CHECK_THROWS_WITH(merged({"a.npy", "wide.npy"}),
                    Contains("wide.npy: 3 features where") && Contains("a.npy has 2"));
  Tensor odd = a;
  odd(1, 1) = std::numeric_limits<float>::quiet_NaN();
  write_npy(scratch / "odd.npy", odd);
  CHECK_THROWS_WITH(merged({"a.npy", "odd.npy"}),
                    Contains("odd.npy: holds features that are not finite"));
}
