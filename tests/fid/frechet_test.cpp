#include "lib/fid/metrics/frechet.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>

#include "lib/base/error.hpp"
#include "lib/rng/noise_source.hpp"
#include "lib/tensor/linalg.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

FeatureStatistics statistics_of(const Tensor& rows) {
  StatisticsAccumulator accumulator("test");
  accumulator.add(rows);
  return std::move(accumulator).finish(Json::object());
}

/// The same set with its covariance spelled out, as a file would hold it.
FeatureStatistics without_rows(FeatureStatistics statistics) {
  statistics.covariance = covariance_of(statistics);
  statistics.rows = {};
  return statistics;
}

FeatureStatistics gaussian(std::vector<double> mean, const Array& covariance) {
  FeatureStatistics out;
  out.source = "gaussian";
  out.mean = Array(Array::shape_type{mean.size()});
  std::copy(mean.begin(), mean.end(), out.mean.begin());
  out.covariance = covariance;
  return out;
}

Array diagonal(const std::vector<double>& variances) {
  Array out = xt::zeros<double>({variances.size(), variances.size()});
  for (std::size_t i = 0; i < variances.size(); ++i) out(i, i) = variances[i];
  return out;
}

Tensor noise(std::size_t n, std::size_t d, std::uint64_t id) {
  Tensor rows(Shape{n, d});
  NoiseSource(5, "frechet-test").fill({rows.data(), rows.size()}, id, 0);
  return rows;
}

/// Q diag(v) Q^T with a Householder reflection Q: covariances that commute.
Array rotated(const std::vector<double>& v) {
  const std::size_t d = v.size();
  Array q = xt::zeros<double>({d, d}), scaled = q;
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j) {
      q(i, j) = double(i == j) - 2.0 / double(d);
      scaled(i, j) = q(i, j) * v[j];
    }
  return multiply_transposed(scaled, q);
}

struct ReferenceCase {
  Tensor a, b;
  double exact, peer;
};

std::vector<ReferenceCase> reference_cases() {
  std::ifstream file(TEST_DATA_DIR "/frechet/cases.txt");
  std::vector<ReferenceCase> cases;
  std::size_t n1, n2, d;
  std::string exact, peer;
  while (file >> n1 >> n2 >> d >> exact >> peer) {
    ReferenceCase c{Tensor(Shape{n1, d}), Tensor(Shape{n2, d}), std::stod(exact), std::stod(peer)};
    for (Tensor* rows : {&c.a, &c.b})
      for (float& value : *rows) file >> value;
    cases.push_back(std::move(c));
  }
  return cases;
}

}  // namespace

TEST_CASE("the Frechet distance agrees with an exact evaluation and with pytorch_fid", "[fid]") {
  const auto cases = reference_cases();
  REQUIRE(cases.size() == 6);
  for (const ReferenceCase& c : cases) {
    const FeatureStatistics a = statistics_of(c.a), b = statistics_of(c.b);
    CHECK(frechet_distance(a, b) == Approx(c.exact).epsilon(1e-13));
    CHECK(frechet_distance(b, a) == Approx(c.exact).epsilon(1e-13));
    if (!std::isnan(c.peer)) CHECK(frechet_distance(a, b) == Approx(c.peer).epsilon(1e-11));
    // A stored covariance is rounded, and a root of a rounded zero is 1e-8.
    CHECK(frechet_distance(without_rows(a), without_rows(b)) == Approx(c.exact).epsilon(1e-7));
  }
}

TEST_CASE("the Frechet distance of Gaussians that commute is closed form", "[fid]") {
  const std::vector<double> v = {4, 0.25, 9, 1, 0}, w = {1, 1, 16, 0, 0};
  const std::vector<double> mean = {0, 0, 0, 0, 0}, shifted = {3, 0, 0, -4, 0};
  double expected = 25;
  for (std::size_t i = 0; i < v.size(); ++i)
    expected += std::pow(std::sqrt(v[i]) - std::sqrt(w[i]), 2);
  CHECK(frechet_distance(gaussian(mean, diagonal(v)), gaussian(shifted, diagonal(w))) ==
        Approx(expected).epsilon(1e-14));
  // 1e-16 in a rotated zero eigenvalue is 1e-8 in its root.
  CHECK(frechet_distance(gaussian(mean, rotated(v)), gaussian(shifted, rotated(w))) ==
        Approx(expected).epsilon(1e-7));
}

TEST_CASE("equal sets are at distance zero, also singular ones", "[fid]") {
  for (const std::size_t n : {3, 40, 400}) {
    const FeatureStatistics s = statistics_of(noise(n, 40, 0));
    CHECK(frechet_distance(s, s) == 0);
    CHECK(frechet_distance(without_rows(s), without_rows(s)) == 0);
  }
}

TEST_CASE("dead and repeated features do no harm", "[fid]") {
  Tensor a = noise(50, 6, 1), b = noise(60, 6, 2), wide_a(Shape{50, 9}), wide_b(Shape{60, 9});
  const auto widen = [](const Tensor& rows, Tensor& out) {
    for (std::size_t i = 0; i < rows.shape()[0]; ++i) {
      for (std::size_t j = 0; j < 6; ++j) out(i, j) = rows(i, j);
      out(i, 6) = 0, out(i, 7) = 5, out(i, 8) = 0;
    }
  };
  widen(a, wide_a), widen(b, wide_b);
  CHECK(frechet_distance(statistics_of(wide_a), statistics_of(wide_b)) ==
        Approx(frechet_distance(statistics_of(a), statistics_of(b))).epsilon(1e-12));
}

// Where the quick way by eigenvalues is taken, and where it must not be.
TEST_CASE("large Gaussians: known distances, near and far, singular and not", "[fid]") {
  const std::size_t d = 300;
  std::vector<double> v(d), w(d), mean(d, 0), shifted(d, 0.25);
  for (const double fall : {0.0, 2.0, 6.0}) {
    double expected = 300.0 / 16;
    for (std::size_t i = 0; i < d; ++i) {
      v[i] = std::pow(double(i + 1), -fall);
      w[i] = v[i] * (i % 2 == 0 ? 4 : 0.25);
      expected += std::pow(std::sqrt(v[i]) - std::sqrt(w[i]), 2);
    }
    const FeatureStatistics a = gaussian(mean, rotated(v)), b = gaussian(shifted, rotated(w));
    // 1e-16 in the smallest eigenvalues, which rotating them costs, is 1e-8 in their roots.
    CHECK(frechet_distance(a, b) == Approx(expected).epsilon(fall < 6 ? 1e-9 : 1e-7));
    CHECK(frechet_distance(b, a) == Approx(expected).epsilon(fall < 6 ? 1e-9 : 1e-7));
    CHECK(frechet_distance(a, a) == 0);
    std::vector<double> few = v;
    std::fill(few.begin() + 20, few.end(), 0);
    double of_few = 0;
    for (std::size_t i = 0; i < d; ++i) of_few += std::pow(std::sqrt(v[i]) - std::sqrt(few[i]), 2);
    CHECK(frechet_distance(a, gaussian(mean, rotated(few))) == Approx(of_few).margin(1e-7));
  }
}

TEST_CASE("features of every scale: two, singular, spelled out or not", "[fid]") {
  const Tensor a = noise(40, 12, 1), b = noise(50, 12, 2), two = noise(2, 12, 3);
  const double plain = frechet_distance(statistics_of(a), statistics_of(b));
  for (const float scale : {1e-15f, 1e-6f, 1e6f, 1e15f}) {
    Tensor x = a, y = b, z = two;
    for (Tensor* rows : {&x, &y, &z})
      for (float& value : *rows) value *= scale;
    const double square = double(scale) * double(scale);
    const FeatureStatistics sx = statistics_of(x), sy = statistics_of(y), sz = statistics_of(z);
    CHECK(frechet_distance(sx, sy) / square == Approx(plain).epsilon(1e-5));
    CHECK(frechet_distance(without_rows(sx), sy) / square == Approx(plain).epsilon(1e-5));
    CHECK(frechet_distance(sz, sz) == 0);
    CHECK(frechet_distance(sz, sx) / square ==
          Approx(frechet_distance(statistics_of(two), statistics_of(a))).epsilon(1e-5));
  }
}

TEST_CASE("what is no covariance is refused", "[fid]") {
  const FeatureStatistics good = gaussian({0, 0}, diagonal({1, 1}));
  FeatureStatistics bad = good;
  bad.covariance(0, 1) = bad.covariance(1, 0) = 3;
  CHECK_THROWS_WITH(frechet_distance(good, bad),
                    "gaussian: its covariance has negative eigenvalues: not a covariance");
  CHECK_THROWS_WITH(frechet_distance(good, statistics_of(noise(1, 2, 0))),
                    "test: one image has no covariance: at least two are needed");
}
