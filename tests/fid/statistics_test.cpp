#include "lib/fid/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "lib/base/error.hpp"
#include "lib/base/parallel.hpp"
#include "lib/fid/reading_record.hpp"
#include "lib/rng/noise_source.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

Tensor random_rows(std::size_t n, std::size_t d) {
  Tensor rows(Shape{n, d});
  NoiseSource(3, "statistics-test").fill({rows.data(), rows.size()}, 0, 0);
  for (std::size_t i = 0; i < rows.size(); ++i) rows.data()[i] = rows.data()[i] * 2 + float(i % d);
  return rows;
}

Tensor slice(const Tensor& rows, std::size_t begin, std::size_t end) {
  const std::size_t d = rows.shape()[1];
  Tensor out(Shape{end - begin, d});
  std::copy(rows.data() + begin * d, rows.data() + end * d, out.data());
  return out;
}

/// Hands over `rows` in portions of `portion`.
FeatureStatistics gather(const Tensor& rows, std::size_t portion) {
  StatisticsAccumulator accumulator("test");
  const std::size_t n = rows.shape()[0];
  for (std::size_t i = 0; i < n; i += portion)
    accumulator.add(slice(rows, i, std::min(n, i + portion)));
  return std::move(accumulator).finish({{"features", "test"}});
}

/// The textbook definition, two passes in long double.
std::vector<double> covariance_by_definition(const Tensor& rows) {
  const std::size_t n = rows.shape()[0], d = rows.shape()[1];
  std::vector<long double> mean(d, 0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < d; ++j) mean[j] += rows(i, j) / (long double)n;
  std::vector<double> out;
  for (std::size_t j = 0; j < d; ++j)
    for (std::size_t k = 0; k < d; ++k) {
      long double sum = 0;
      for (std::size_t i = 0; i < n; ++i) sum += (rows(i, j) - mean[j]) * (rows(i, k) - mean[k]);
      out.push_back(double(sum / (long double)(n - 1)));
    }
  return out;
}

bool same_bits(const Array& a, const Array& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

}  // namespace

TEST_CASE("statistics equal their definition", "[fid]") {
  for (const std::size_t n : {2, 7, 8, 9, 255, 700}) {
    const Tensor rows = random_rows(n, 8);
    const FeatureStatistics statistics = gather(rows, 13);
    REQUIRE(statistics.count == n);
    CHECK(statistics.keeps_rows() == (n <= 8));
    const Array covariance = covariance_of(statistics);
    const auto expected = covariance_by_definition(rows);
    for (std::size_t i = 0; i < expected.size(); ++i)
      REQUIRE(covariance.data()[i] == Approx(expected[i]).margin(1e-12));
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += rows(i, 3);
    CHECK(statistics.mean[3] == Approx(sum / double(n)).epsilon(1e-13));
  }
}

TEST_CASE("statistics have the same bits however the rows arrive", "[fid]") {
  const Tensor rows = random_rows(1500, 150);
  const int before = threads();
  set_threads(2);
  const FeatureStatistics whole = gather(rows, 1500);
  for (const std::size_t portion : {1, 64, 999}) {
    set_threads(portion == 64 ? 1 : 2);
    const FeatureStatistics parts = gather(rows, portion);
    CHECK(same_bits(parts.mean, whole.mean));
    CHECK(same_bits(parts.covariance, whole.covariance));
  }
  set_threads(before);
}

TEST_CASE("merged parts equal the whole", "[fid]") {
  const Tensor rows = random_rows(900, 20);
  const FeatureStatistics whole = gather(rows, 900);
  const std::vector<FeatureStatistics> parts = {gather(slice(rows, 0, 500), 64),
                                                gather(slice(rows, 500, 515), 64),
                                                gather(slice(rows, 515, 900), 64)};
  const FeatureStatistics merged = merge(parts);
  CHECK(merged.count == 900);
  for (std::size_t i = 0; i < 20; ++i)
    REQUIRE(merged.mean[i] == Approx(whole.mean[i]).epsilon(1e-13));
  for (std::size_t i = 0; i < 400; ++i)
    REQUIRE(merged.covariance.data()[i] == Approx(whole.covariance.data()[i]).margin(1e-12));

  std::vector<FeatureStatistics> uncounted = parts;
  uncounted[1].count = 0;
  CHECK_THROWS_WITH(merge(uncounted), "test: holds no n, which merging needs");
}

TEST_CASE("features made in different ways are not compared", "[fid]") {
  FeatureStatistics a = gather(random_rows(30, 4), 30), b = a;
  a.source = "real.npz", b.source = "fake.npz";
  b.provenance = {{"features", "test"}, {"tool", "diff-fid 9.9"}};
  CHECK_NOTHROW(check_same_provenance(a, b));
  b.provenance["features"] = "other";
  CHECK_THROWS_WITH(check_same_provenance(a, b),
                    "fake.npz: features \"other\" where real.npz has \"test\": not comparable");
  // The same network from other files, one of which is known by its name.
  Json of_file = {{"features", "net"}, {"weights", "sha256:12"}, {"weights_file", "sha256:34"}};
  Json of_copy = {{"features", "net (weights 12)"}, {"weights", "sha256:12"}};
  CHECK_NOTHROW(check_same_origin({a.source, of_file}, {b.source, of_copy}));
  of_copy["weights"] = "sha256:13";
  CHECK_THROWS_AS(check_same_origin({a.source, of_file}, {b.source, of_copy}), Error);
  of_copy["weights"] = "sha256:12", of_copy["precision"] = "bf16";
  CHECK_THROWS_WITH(check_same_origin({a.source, of_file}, {b.source, of_copy}),
                    "fake.npz: precision \"bf16\" where real.npz has \"float32\": not comparable");
  b.provenance = Json::object();
  CHECK_NOTHROW(check_same_provenance(a, b));
  const FeatureStatistics wider = gather(random_rows(30, 5), 30);
  CHECK_THROWS_AS(check_same_provenance(a, wider), Error);
}

TEST_CASE("images read in different ways are not compared, however their arrays are kept",
          "[fid]") {
  const Json plain = {{"features", "test"}};
  const auto read = [&](const ImageSetOptions& options) {
    Json provenance = plain;
    provenance.update(reading_record(options));
    return provenance;
  };
  CHECK(read({.sixteen = SixteenBits::scale}) == plain);
  const std::string a = "a", b = "b";
  const std::vector<std::pair<ImageSetOptions, std::string>> unlike = {
      {{.channels = 1}, "channels \"gray\""},
      {{.channels = 3}, "channels \"rgb\""},
      {{.sixteen = SixteenBits::pillow}, "16_bit \"pillow\""},
      {{.orient = true}, "orient true"}};
  for (const auto& [options, what] : unlike) {
    CHECK_THROWS_WITH(check_same_origin({a, plain}, {b, read(options)}),
                      "b: " + what + " where a has \"none\": not comparable");
    CHECK_NOTHROW(check_same_origin({a, read(options)}, {b, read(options)}));
  }
  const ImageSetOptions small{.size = {{4, 6}}}, large{.size = {{8, 8}}};
  CHECK_NOTHROW(check_same_origin({a, plain}, {b, read(small)}));
  CHECK_THROWS_WITH(check_same_origin({a, read(large)}, {b, read(small)}),
                    "b: size \"4x6\" where a has \"8x8\": not comparable");
  const ImageSetOptions arrays{.layout = "nchw", .range = {{0, 1}}};
  CHECK(read(arrays)["range"] == Json({0.0, 1.0}));
  CHECK_NOTHROW(check_same_origin({a, plain}, {b, read(arrays)}));

  FeatureStatistics part = gather(random_rows(30, 4), 30), other = part;
  part.provenance = read(arrays);
  CHECK(merge(std::vector{part, part}).provenance == part.provenance);
  other.provenance = plain;
  CHECK(merge(std::vector{part, other}).provenance == plain);
}

TEST_CASE("features that are not finite are named", "[fid]") {
  Tensor rows = random_rows(10, 4);
  rows(6, 2) = NAN;
  StatisticsAccumulator accumulator("photos");
  accumulator.add(slice(rows, 0, 5));
  CHECK_THROWS_WITH(accumulator.add(slice(rows, 5, 10)),
                    StartsWith("photos: features of image 6 (from 0) are not finite"));
  CHECK_THROWS_AS(accumulator.add(random_rows(2, 3)), Error);
}
