// Every metric against what other programs say of the same features, and against answers
// that are known exactly.
#include "lib/fid/metrics/metric.hpp"

#include <cmath>
#include <fstream>
#include <map>
#include <numeric>

#include "lib/base/error.hpp"
#include "lib/base/parallel.hpp"
#include "lib/fid/feature_file.hpp"
#include "lib/fid/metrics/bootstrap.hpp"
#include "lib/fid/metrics/clip_score.hpp"
#include "lib/fid/metrics/draws.hpp"
#include "lib/fid/metrics/inception_score.hpp"
#include "lib/fid/metrics/kid.hpp"
#include "lib/fid/metrics/numpy_draws.hpp"
#include "lib/fid/metrics/wide_square.hpp"
#include "lib/rng/noise_source.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

const std::string folder = TEST_DATA_DIR "/fid-metrics/";

std::map<std::string, double> expected(const std::string& name = "expected.txt") {
  std::ifstream file(folder + name);
  std::map<std::string, double> values;
  for (std::string key, value; file >> key >> value;) values[key] = std::stod(value);
  return values;
}

/// A set that holds everything of every kind.
FeatureSet set_of(const Tensor& rows, const std::string& name = "set") {
  std::vector<Keep> keep;
  for (const FeatureKind kind : {FeatureKind::features, FeatureKind::logits, FeatureKind::spatial})
    for (const Account account : {Account::moments, Account::rows}) keep.push_back({kind, account});
  FeatureSetBuilder builder(name, keep);
  builder.add(std::vector<Tensor>(builder.kinds().size(), rows));
  return std::move(builder).finish(Json::object());
}

std::map<std::string, double> evaluate(const std::string& specs, const FeatureSet& real,
                                       const FeatureSet& fake, std::uint64_t seed = 0) {
  std::map<std::string, double> values;
  for (const Metric& metric : make_metrics(specs, seed))
    for (const MetricValue& value : metric.evaluate(real, fake)) values[value.name] = value.value;
  return values;
}

FeatureSet stored(const std::string& name) { return set_of(read_features(folder + name), name); }

Tensor noise(std::size_t n, std::size_t d, std::uint64_t id) {
  Tensor rows(Shape{n, d});
  NoiseSource(6, "metrics-test").fill({rows.data(), rows.size()}, id, 0);
  return rows;
}

Tensor column(const std::vector<float>& values) {
  Tensor rows(Shape{values.size(), 1});
  std::copy(values.begin(), values.end(), rows.data());
  return rows;
}

}  // namespace

TEST_CASE("metrics agree with torch-fidelity, prdc, pytorch-fid and cmmd", "[fid]") {
  const auto want = expected();
  REQUIRE(want.size() == 21);
  const FeatureSet real = stored("real.npy"), fake = stored("fake.npy");
  auto got = evaluate("kid:subsets=20,size=50,cmmd,frechet,frechet_infinity:points=5,least=30",
                      real, fake, 3);
  for (const char* same : {"kid_mean", "kid_std", "cmmd", "frechet_infinity"})
    CHECK(got.at(same) == Approx(want.at(same)).epsilon(1e-9));
  CHECK(got.at("frechet_distance") == Approx(want.at("frechet")).epsilon(1e-10));
  const RowsView first_90 = real.rows.at(FeatureKind::features).part(0, 90);
  CHECK(kernel_distance(first_90, fake.rows.at(FeatureKind::features)) ==
        Approx(want.at("kid_of_90")).epsilon(1e-10));
}

// Sums of exact terms: the features are small whole numbers on a large offset, so that a product
// of two rows fits a __int128, and the cubes are told apart before they are rounded.
TEST_CASE("an offset that all features have takes no digits of kernel distances", "[fid]") {
  using Wide = long double;  // 64 bits of mantissa: 2000 times nearer than double
  constexpr float offset = 1 << 20;
  Tensor x = noise(12, 3, 5), y = noise(9, 3, 6);
  for (Tensor* rows : {&x, &y})
    for (float& value : *rows) value = std::round(8 * value) + offset;
  const auto kernel = [](const float* a, const float* b) {
    Wide sum = 0;
    for (int j = 0; j < 3; ++j) sum += Wide(a[j]) * Wide(b[j]);
    const Wide base = sum / 3 + 1;
    return base * base * base;
  };
  const auto mean = [&](const Tensor& a, const Tensor& b, bool same) {
    const std::size_t n = a.shape()[0], m = b.shape()[0];
    const Wide shift = kernel(x.data(), x.data());
    Wide sum = 0;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < m; ++j)
        if (!same || i != j) sum += kernel(&a(i, 0), &b(j, 0)) - shift;
    return sum / Wide(n * (same ? n - 1 : m));
  };
  const double exact = double(mean(x, x, true) + mean(y, y, true) - 2 * mean(x, y, false));
  CHECK(kernel_distance(rows_of(x), rows_of(y)) == Approx(exact).epsilon(1e-6));
}

TEST_CASE("precision, recall, density and coverage are those of prdc and torch-fidelity", "[fid]") {
  const auto want = expected();
  const FeatureSet real = stored("real.npy"), fake = stored("fake.npy");
  for (const std::string k : {"3", "5"}) {
    const auto outside =
        evaluate("precision_recall:ties=outside,k=" + k + ",density_coverage:ties=outside,k=" + k,
                 real, fake);
    for (const char* name : {"precision", "recall", "density", "coverage"})
      CHECK(outside.at(name) ==
            Approx(want.at("prdc_" + std::string(name) + "_" + k)).margin(1e-15));
    const auto inside = evaluate("precision_recall:k=" + k, real, fake);
    for (const char* name : {"precision", "recall"})  // in float32 there
      CHECK(inside.at(name) ==
            Approx(want.at("fidelity_" + std::string(name) + "_" + k)).margin(1e-7));
  }
}

TEST_CASE("the inception score is torch-fidelity's, in its order and dealt", "[fid]") {
  const auto want = expected();
  const Tensor logits = read_features(folder + "logits.npy");
  const FeatureSet samples = set_of(logits);
  const auto got = evaluate("inception_score:order=contiguous", {}, samples);
  CHECK(got.at("inception_score_mean") == Approx(want.at("isc_mean")).epsilon(1e-12));
  CHECK(got.at("inception_score_std") == Approx(want.at("isc_std")).epsilon(1e-12));
  // Dealing the rows out by hand makes contiguous parts of what is dealt.
  std::vector<std::size_t> dealt;
  for (std::size_t part = 0; part < 5; ++part)
    for (std::size_t i = part; i < 95; i += 5) dealt.push_back(i);
  std::vector<std::size_t> first(95);
  std::iota(first.begin(), first.end(), std::size_t(0));
  const RowsView rows = rows_of(logits);
  CHECK(evaluate("inception_score:splits=5", {}, set_of(select(rows, first))) ==
        evaluate("inception_score:splits=5,order=contiguous", {}, set_of(select(rows, dealt))));
}

TEST_CASE("random choices are those of NumPy where torch-fidelity's are asked for", "[fid]") {
  const std::vector<std::size_t> order = {2, 1, 11, 4, 10, 5, 7, 9, 6, 3, 8, 0};
  CHECK(NumpyDraws(torch_fidelity_seed).permutation(12) == order);
  const std::vector<std::size_t> chosen = {7653, 66274, 9119, 10760};
  CHECK(NumpyDraws(7).choice(70000, 4) == chosen);
  const auto want = expected("draws.txt");
  const std::string kid = "kid:subsets=20,size=50,draws=torch-fidelity";
  const auto got = evaluate(kid, stored("real.npy"), stored("fake.npy"), 3);
  CHECK(got.at("kid_mean") == Approx(want.at("kid_mean")).epsilon(1e-11));
  CHECK(got.at("kid_std") == Approx(want.at("kid_std")).epsilon(1e-11));
  const auto score = evaluate("inception_score:order=torch-fidelity", {}, stored("logits.npy"));
  CHECK(score.at("inception_score_mean") == Approx(want.at("isc_mean")).epsilon(1e-12));
  CHECK(score.at("inception_score_std") == Approx(want.at("isc_std")).epsilon(1e-12));
}

TEST_CASE("equal distances are equal, however their sums round", "[fid]") {
  const auto want = expected("draws.txt");
  const FeatureSet real = stored("tied-real.npy"), fake = stored("tied-fake.npy");
  for (const std::string ties : {"inside", "outside"}) {
    const auto got =
        evaluate("density_coverage:ties=" + ties + ",precision_recall:ties=" + ties, real, fake);
    for (const std::string name : {"density", "coverage", "precision"})
      CHECK(got.at(name) == Approx(want.at(name + "_" + ties)).margin(1e-15));
  }
}

TEST_CASE("squared distances to twice the digits of double", "[fid]") {
  const float x[] = {1, 0x1p-10f, 0x1p40f}, y[] = {0, 0, 0};
  const WideSquare square = wide_squared_distance(x, y, 3);
  CHECK(square.high == 0x1p80);
  CHECK(square.low == 1 + 0x1p-20);
  const float other[] = {0x1p40f, 1, 0x1p-10f};
  CHECK(wide_squared_distance(other, y, 3) == square);
  const float nearer[] = {0x1p40f, 1, 0x1p-11f};
  CHECK(wide_squared_distance(nearer, y, 3) < square);
}

TEST_CASE("the inception score of sure classes is their number, of unsure ones 1", "[fid]") {
  Tensor sure(Shape{12, 4}), unsure(Shape{12, 4});
  sure.fill(0), unsure.fill(7);
  for (std::size_t i = 0; i < 12; ++i) sure(i, i % 3) = 1000;
  CHECK(inception_score(rows_of(sure)) == Approx(3).epsilon(1e-14));
  CHECK(inception_score(rows_of(unsure)) == Approx(1).epsilon(1e-14));
}

// On a line the neighbourhoods can be counted by hand: real 0 1 3 7, radii 1 1 2 4 for k = 1.
TEST_CASE("neighbourhoods on a line, and ties on their edges", "[fid]") {
  const FeatureSet real = set_of(column({0, 1, 3, 7})), fake = set_of(column({-1, 2, 5, 20}));
  // Samples at -1, 2, 5: each just on the edge of a ball, and 2 and 5 within others.
  const auto inside = evaluate("precision_recall:k=1,density_coverage:k=1,ties=inside", real, fake);
  CHECK(inside.at("precision") == 0.75);
  CHECK(inside.at("density") == (1 + 2 + 2) / 4.0);
  CHECK(inside.at("coverage") == 1);
  const auto outside =
      evaluate("precision_recall:k=1,ties=outside,density_coverage:k=1", real, fake);
  CHECK(outside.at("precision") == 0.5);
  CHECK(outside.at("density") == (1 + 1) / 4.0);
  CHECK(outside.at("coverage") == 0.5);
  // Of the samples the radii are 3 3 3 15: all reals within, 1 of -1's only by 2's.
  CHECK(inside.at("recall") == 1);
}

TEST_CASE("equal sets: everything among everything, at distance zero", "[fid]") {
  const FeatureSet set = set_of(noise(60, 7, 0));
  const auto got =
      evaluate("frechet,cmmd,precision_recall,density_coverage,spatial_frechet", set, set);
  CHECK(got.at("frechet_distance") == 0);
  CHECK(got.at("spatial_frechet_distance") == 0);
  CHECK(got.at("cmmd") == Approx(0).margin(1e-9));
  for (const char* name : {"precision", "recall", "coverage"}) CHECK(got.at(name) == 1);
}

TEST_CASE("comparisons of distances are exact far from the origin", "[fid]") {
  Tensor real = noise(300, 12, 1), fake = noise(200, 12, 2);
  const auto near = evaluate("precision_recall,density_coverage", set_of(real), set_of(fake));
  // Steps of 2^-10 keep every difference exact in float32, whatever float32 products say.
  for (Tensor* rows : {&real, &fake})
    for (float& x : *rows) x = std::round(x * 1024) / 1024;
  const auto coarse = evaluate("precision_recall,density_coverage", set_of(real), set_of(fake));
  for (Tensor* rows : {&real, &fake})
    for (float& x : *rows) x += 4096;
  CHECK(evaluate("precision_recall,density_coverage", set_of(real), set_of(fake)) == coarse);
  CHECK(coarse.at("precision") == Approx(near.at("precision")).margin(0.05));
}

TEST_CASE("the kernel distance is unbiased: its mean over halves of one set is zero", "[fid]") {
  double sum = 0;
  const std::size_t trials = 200;
  for (std::uint64_t t = 0; t < trials; ++t) {
    const Tensor a = noise(20, 3, 100 + 2 * t), b = noise(15, 3, 101 + 2 * t);
    sum += kernel_distance(rows_of(a), rows_of(b)) / double(trials);
  }
  CHECK(std::abs(sum) < 0.05);  // one alone is off by 0.3
}

TEST_CASE("metrics have the same bits for any number of threads", "[fid]") {
  const FeatureSet real = set_of(noise(700, 30, 8)), fake = set_of(noise(600, 30, 9));
  const int before = threads();
  set_threads(1);
  const std::string specs = "kid_full,cmmd,precision_recall,density_coverage,frechet";
  const auto one = evaluate(specs, real, fake);
  set_threads(3);
  CHECK(evaluate(specs, real, fake) == one);
  set_threads(before);
}

TEST_CASE("the extrapolated distance of a growing bias is its limit", "[fid]") {
  // Samples of one Gaussian: the distance grows with 1/n, and its limit is 0.
  const FeatureSet real = set_of(noise(20000, 6, 10)), fake = set_of(noise(2000, 6, 11));
  const auto got = evaluate("frechet,frechet_infinity", real, fake);
  CHECK(std::abs(got.at("frechet_infinity")) < 0.6 * got.at("frechet_distance"));
}

TEST_CASE("draws take each index at most once, and all of them alike often", "[fid]") {
  std::vector<int> taken(10, 0);
  for (std::uint64_t number = 0; number < 2000; ++number) {
    auto subset = draw_subset({1, DrawPurpose::kid_of_real, number}, 10, 4);
    REQUIRE(subset.size() == 4);
    for (const std::size_t i : subset) ++taken[i];
    std::ranges::sort(subset);
    CHECK(std::ranges::adjacent_find(subset) == subset.end());
  }
  for (const int times : taken) CHECK(std::abs(times - 800) < 100);  // 5 deviations
}

// Two Gaussians two deviations apart: the distance is about the square of the difference of
// the means, whose deviation is 2 * 2 * sqrt(2 / n).
TEST_CASE("intervals of the bootstrap tell the scatter of a metric", "[fid]") {
  Tensor shifted = noise(400, 1, 21);
  for (float& x : shifted) x += 2;
  const FeatureSet real = set_of(noise(400, 1, 20)), fake = set_of(shifted);
  const auto metrics = make_metrics("frechet", 0);
  const auto values = metrics[0].evaluate(real, fake);
  std::size_t calls = 0;
  const auto intervals =
      bootstrap_intervals(metrics, values, real, fake, {300, 0, [&](std::size_t) { ++calls; }});
  REQUIRE(intervals.size() == 1);
  CHECK(calls == 300);
  CHECK(intervals[0].low < values[0].value);
  CHECK(intervals[0].high > values[0].value);
  const double expected_width = 2 * 1.96 * 4 * std::sqrt(2.0 / 400);
  CHECK(intervals[0].high - intervals[0].low == Approx(expected_width).epsilon(0.15));
  // A reference of which only the moments are known stays as it is: half of the variance.
  FeatureSet fixed = real;
  fixed.rows.clear();
  const auto narrower =
      bootstrap_intervals(metrics, values, fixed, fake, {300, 0, [](std::size_t) {}});
  CHECK(narrower[0].high - narrower[0].low ==
        Approx(expected_width / std::sqrt(2.0)).epsilon(0.15));
}

TEST_CASE("specs of metrics", "[fid]") {
  const auto names = [](const std::string& specs) {
    std::vector<std::string> out;
    for (const Metric& metric : make_metrics(specs, 0)) out.push_back(metric.name);
    return out;
  };
  CHECK(names("kid:subsets=5,size=10,frechet") == std::vector<std::string>{"kid", "frechet"});
  CHECK_THROWS_WITH(names("kid:k=3"), "kid: no parameter 'k' (has: subsets, size, draws)");
  CHECK(names("fid,isc") == std::vector<std::string>{"frechet", "inception_score"});
  CHECK_THROWS_AS(names("fad"), Error);
  CHECK_THROWS_WITH(names("all,kid"), "metric 'all': stands alone, for every metric there is");
  CHECK(all_metrics(0).size() == metric_families().size());
}

TEST_CASE("CLIP scores: the cosine, never negative", "[fid]") {
  const auto want = expected();
  const Tensor real = read_features(folder + "real.npy"), fake = read_features(folder + "fake.npy");
  const auto scores = clip_scores(rows_of(real).part(0, 90), rows_of(fake));
  CHECK(mean_and_deviation(scores).mean == Approx(want.at("clip_score")).epsilon(1e-12));
  Tensor zero(Shape{1, 3});
  zero.fill(0);
  CHECK_THROWS_WITH(need_directions(rows_of(zero), "texts.npy"),
                    "texts.npy: row 0 (from 0) is zero or not finite: no direction");
  CHECK_NOTHROW(need_directions(rows_of(fake), "fake.npy"));
}

TEST_CASE("sets that are too small are named", "[fid]") {
  const FeatureSet few = set_of(noise(3, 2, 0), "few"), many = set_of(noise(30, 2, 1));
  CHECK_THROWS_WITH(evaluate("precision_recall", many, few),
                    "few: 3 images where at least 4 are needed");
  CHECK_THROWS_WITH(evaluate("kid", set_of(noise(1, 2, 2), "one"), many),
                    "one: 1 images where at least 2 are needed");
}

TEST_CASE("features that change their width or are not finite are named", "[fid]") {
  FeatureSetBuilder builder("set", {{FeatureKind::logits, Account::rows}});
  Tensor rows = noise(4, 3, 0);
  builder.add(std::vector<Tensor>{rows});
  CHECK_THROWS_WITH(builder.add(std::vector<Tensor>{noise(4, 2, 0)}),
                    "set: 2 logits where those before have 3");
  rows(2, 1) = INFINITY;
  CHECK_THROWS_WITH(builder.add(std::vector<Tensor>{rows}),
                    StartsWith("set: logits of image 6 (from 0) are not finite"));
}
