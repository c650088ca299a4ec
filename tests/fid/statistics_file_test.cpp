#include "lib/fid/statistics_file.hpp"

#include <cstring>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/fid/feature_file.hpp"
#include "lib/rng/noise_source.hpp"
#include "lib/tensor/formats/npz.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

const std::string data = TEST_DATA_DIR "/fid/";

std::string scratch(const std::string& name) {
  return (std::filesystem::temp_directory_path() / ("diff-fid-test-" + name)).string();
}

FeatureStatistics example(std::size_t n) {
  Tensor rows(Shape{n, 5});
  NoiseSource(9, "statistics-file-test").fill({rows.data(), rows.size()}, 0, 0);
  StatisticsAccumulator accumulator("example");
  accumulator.add(rows);
  return std::move(accumulator).finish({{"features", "test"}, {"tool", "diff-fid 0.1.0"}});
}

}  // namespace

TEST_CASE("statistics files give back what was written", "[fid]") {
  const std::string path = scratch("s.npz");
  for (const std::size_t n : {1, 4, 90}) {
    const FeatureStatistics written = example(n);
    write_statistics(path, {written});
    CHECK(is_statistics(NpzFile(path)));
    const FeatureStatistics read = read_statistics(path).features;
    CHECK(read.count == n);
    CHECK(read.provenance == written.provenance);
    CHECK((read.mean == written.mean));
    CHECK((read.covariance == covariance_of(written)));
  }
  std::filesystem::remove(path);
}

TEST_CASE("statistics of no images are kept, and change nothing that they are merged with",
          "[fid]") {
  const std::string path = scratch("none.npz");
  write_statistics(path, {example(0)});
  const SetStatistics none = read_statistics(path);
  std::filesystem::remove(path);
  CHECK(none.features.count == 0);
  CHECK(none.features.holds_nothing());
  const std::vector<SetStatistics> parts = {none, {example(40)}, none, {example(1)}};
  const FeatureStatistics merged = merge(parts).features, plain = example(40);
  CHECK(merged.count == 41);
  const std::vector<SetStatistics> alone = {none, {example(40)}};
  CHECK((merge(alone).features.mean == plain.mean));
  CHECK(merge(std::vector<SetStatistics>{none, none}).features.holds_nothing());
}

TEST_CASE("published statistics are read", "[fid]") {
  const FeatureStatistics plain = read_statistics(data + "published.npz").features;
  CHECK(plain.count == 0);
  CHECK(plain.provenance.empty());
  const FeatureStatistics single = read_statistics(data + "float32.npz").features;
  CHECK(single.count == 20);
  for (std::size_t i = 0; i < 16; ++i)
    CHECK(single.covariance.data()[i] == Approx(plain.covariance.data()[i]).margin(1e-6));
}

TEST_CASE("spatial moments are kept beside the others, and merged with them", "[fid]") {
  const std::string path = scratch("spatial.npz");
  write_statistics(path, {example(90), example(40)});
  const SetStatistics read = read_statistics(path);
  REQUIRE(read.spatial);
  CHECK((read.spatial->mean == example(40).mean));
  const std::vector<SetStatistics> parts = {read, read};
  CHECK(merge(parts).spatial->count == 180);
  const std::vector<SetStatistics> mixed = {read, {example(30)}};
  CHECK_THROWS_WITH(merge(mixed), "example: holds no spatial features (mu_s), as other parts do");
  std::filesystem::remove(path);
}

TEST_CASE("ready rows come in portions, and some of them", "[fid]") {
  const Tensor all = read_features(data + "real.npy");
  ReadyRows rows(NpyReader(data + "real.npy"), "real.npy");
  const std::vector<std::size_t> kept = {0, 1, 2, 7, 8, 12, 13, 14, 15, 16, 27};
  rows.keep(kept);
  CHECK(rows.count() == kept.size());
  std::size_t at = 0;
  for (Tensor part = rows.next(6); part.shape()[0] > 0; part = rows.next(6))
    for (std::size_t i = 0; i < part.shape()[0]; ++i, ++at) REQUIRE(part(i, 3) == all(kept[at], 3));
  CHECK(at == kept.size());
  CHECK(rows.in_file(3) == 7);
}

TEST_CASE("feature files are told from images and written row by row", "[fid]") {
  CHECK(is_feature_file(data + "real.npy"));
  CHECK_FALSE(is_feature_file(data + "published.npz"));
  CHECK_FALSE(is_feature_file(data + "missing.npy"));
  CHECK(has_feature_rows(npy_header(NpyType::float32, {3, 4})));
  CHECK_FALSE(has_feature_rows(npy_header(NpyType::float32, {3})));
  CHECK_FALSE(has_feature_rows(npy_header(NpyType::float32, {3, 4, 5})));

  const std::string path = scratch("f.npy");
  const Tensor rows = read_features(data + "real.npy");
  FeatureWriter writer(path);
  for (std::size_t i = 0; i < 30; i += 10) {
    Tensor some(Shape{10, 4});
    std::copy_n(rows.data() + i * 4, 40, some.data());
    writer.append(some);
  }
  CHECK_FALSE(std::filesystem::exists(path));
  writer.commit();
  CHECK((read_features(path) == rows));
  std::filesystem::remove(path);
}
