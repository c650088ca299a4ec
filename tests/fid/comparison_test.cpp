#include "lib/fid/comparison.hpp"

#include <atomic>

#include "lib/base/error.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "tests/fid/sets.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

const std::string published = TEST_DATA_DIR "/fid/published.npz";

/// Two sets of ready rows and one of images.
struct Sets {
  test::Scratch scratch;
  test::Said said;
  SetReader reader{{.extractor = test::four_pixels}, said.hooks()};

  Sets() {
    write_npy(scratch / "a.npy", test::normals(60, 2, 0));
    write_npy(scratch / "b.npy", test::normals(50, 2, 1));
    write_npy(scratch / "images.npy", test::images(30, 2));
  }
  std::string path(const std::string& name) const { return name.empty() ? "" : scratch / name; }

  ComparisonRequest request(const std::string& real, const std::string& fake = "") const {
    return {.real = path(real), .fake = path(fake)};
  }
  ComparedSets compared(const ComparisonRequest& request) {
    return compare_sets(reader, plan_comparison(reader, request), request);
  }
};

std::vector<std::string> names_of(const std::vector<MetricValue>& values) {
  std::vector<std::string> names;
  for (const MetricValue& value : values) names.push_back(value.name);
  return names;
}

}  // namespace

TEST_CASE("some metrics judge samples alone", "[fid]") {
  CHECK(judge_samples_alone("inception_score"));
  CHECK_FALSE(judge_samples_alone("frechet"));
  CHECK_FALSE(judge_samples_alone("inception_score,kid"));
  CHECK_FALSE(judge_samples_alone("all"));
}

TEST_CASE("the answers of a comparison are its values, their intervals, and the floor", "[fid]") {
  Sets sets;
  ComparisonRequest request = sets.request("a.npy", "b.npy");
  const ComparedSets plain = sets.compared(request);
  CHECK(names_of(plain.values) == std::vector<std::string>{"frechet_distance"});
  CHECK(plain.real->count == 60);
  CHECK(plain.fake->count == 50);
  CHECK_FALSE(plain.halved);

  request.resamples = 20;
  request.floor = true;
  const ComparedSets full = sets.compared(request);
  CHECK(names_of(full.values) ==
        std::vector<std::string>{"frechet_distance", "frechet_distance_low",
                                 "frechet_distance_high", "frechet_distance_floor"});
  CHECK(full.values[0].value == plain.values[0].value);
  CHECK(full.values[1].value < full.values[2].value);
  CHECK(full.halved == 30u);

  ComparisonRequest same = sets.request("a.npy", "a.npy");
  CHECK(sets.compared(same).values[0].value == Approx(0).margin(1e-9));
}

TEST_CASE("one set is compared with itself by halves, or judged alone", "[fid]") {
  Sets sets;
  ComparisonRequest request = sets.request("a.npy");
  request.floor = true;
  const ComparedSets halves = sets.compared(request);
  CHECK(names_of(halves.values) == std::vector<std::string>{"frechet_distance_floor"});
  CHECK(halves.real);
  CHECK_FALSE(halves.fake);
  ComparisonRequest alone = sets.request("a.npy");
  alone.metrics = "inception_score:splits=2";
  const ComparedSets judged = sets.compared(alone);
  CHECK(names_of(judged.values).at(0) == "inception_score_mean");
  CHECK_FALSE(judged.real);
  alone.metrics = "kid";
  CHECK_THROWS_WITH(sets.compared(alone), Contains("kid: needs two sets, REAL and FAKE"));
}

TEST_CASE("what to keep follows from the metrics, and a bootstrap needs rows of what has them",
          "[fid]") {
  Sets sets;
  ComparisonRequest request = sets.request("images.npy", "images.npy");
  const auto plan = [&] { return plan_comparison(sets.reader, request); };
  const Keep moments{FeatureKind::features, Account::moments};
  const Keep rows{FeatureKind::features, Account::rows};
  CHECK(plan().of_real == std::vector<Keep>{moments});
  CHECK(plan().of_fake == std::vector<Keep>{moments});
  request.resamples = 5;
  CHECK(plan().of_fake == std::vector<Keep>{moments, rows});
  request.real = published;
  request.fake = published;
  CHECK(plan().of_fake == std::vector<Keep>{moments});
}

TEST_CASE("a metric that cannot be had is an error, and of all it is left out", "[fid]") {
  Sets sets;
  ComparisonRequest request = sets.request("images.npy", "images.npy");
  request.metrics = "frechet,inception_score";
  CHECK_THROWS_WITH(plan_comparison(sets.reader, request),
                    Contains("inception_score: needs logits, which four-pixels does not give"));
  request.metrics = "all";
  const SetComparisonPlan plan = plan_comparison(sets.reader, request);
  CHECK(std::ranges::none_of(plan.metrics,
                             [](const Metric& m) { return m.name == "inception_score"; }));
  CHECK(std::ranges::count(sets.said.remarks,
                           "inception_score left out: needs logits, which four-pixels does not "
                           "give") == 1);
  // Ready rows are of one kind.
  ComparisonRequest ready = sets.request("a.npy", "b.npy");
  ready.metrics = "frechet,inception_score";
  CHECK_THROWS_WITH(plan_comparison(sets.reader, ready),
                    Contains("are already taken for the features of frechet"));
}

TEST_CASE("sets whose features differ are refused before anything is read", "[fid]") {
  Sets sets;
  const ComparisonRequest request{.real = TEST_DATA_DIR "/fid/other.npz",
                                  .fake = sets.path("images.npy")};
  CHECK_THROWS_AS(plan_comparison(sets.reader, request), Error);
}

TEST_CASE("small samples are told, and the smaller of two", "[fid]") {
  FeatureStatistics set;
  set.mean = Array(Array::shape_type{10});
  set.count = 4999;
  CHECK(is_small_sample(set));
  set.count = 5000;
  CHECK_FALSE(is_small_sample(set));
  set.mean = Array(Array::shape_type{6000});
  set.count = 6000;
  CHECK(is_small_sample(set));
  set.count = 0;  // not known
  CHECK_FALSE(is_small_sample(set));

  Sets sets;
  CHECK(smaller_sample(sets.compared(sets.request("a.npy", "b.npy")))->count == 50);
  CHECK(smaller_sample(sets.compared(sets.request("b.npy", "a.npy")))->count == 50);
  CHECK(smaller_sample({}) == nullptr);
}

TEST_CASE("a set that does not say what made its features is taken for the other's", "[fid]") {
  const FeatureSet known{.source = "k", .provenance = {{"features", "random-v1"}}};
  const FeatureSet silent{.source = "s"};
  const std::string note = "s: does not say what made its features; taken for random-v1";
  CHECK(taken_for_granted(known, silent) == note);
  CHECK(taken_for_granted(silent, known) == note);
  CHECK_FALSE(taken_for_granted(known, known));
  CHECK_FALSE(taken_for_granted(silent, silent));
}

TEST_CASE("features of other numbers are found out with the first images", "[fid]") {
  Sets sets;
  write_npy(sets.path("five.npy"), test::normals(60, 5, 0));
  const auto reason = [&](const std::string& real, const std::string& fake) {
    try {
      sets.compared(sets.request(real, fake));
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK_THAT(reason("five.npy", "a.npy"),
             Contains("a.npy: number of features 2 where") && EndsWith("has 5: not comparable"));
  std::atomic<std::size_t> read = 0;
  SetReader reader({.extractor = [&] {
    FeatureExtractor counting = test::four_pixels();
    counting.prepare = [&read](const Image& image) {
      ++read;
      return image.pixels;
    };
    return counting;
  }});
  write_npy(sets.path("many.npy"), test::images(2000, 2));
  const ComparisonRequest request = sets.request("many.npy", "five.npy");
  CHECK_THROWS_WITH(compare_sets(reader, plan_comparison(reader, request), request),
                    Contains("many.npy: number of features 4 where") && Contains("has 5"));
  CHECK(read < 1000);
}
