#include "lib/fid/gather.hpp"

#include <atomic>

#include "lib/base/error.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "tests/fid/sets.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

const std::string data = TEST_DATA_DIR "/fid/";
const std::vector<Keep> rows_and_moments = {{FeatureKind::features, Account::rows},
                                            {FeatureKind::features, Account::moments}};

}  // namespace

TEST_CASE("an extractor is made once, when the first images need it", "[fid]") {
  const test::Scratch scratch;
  write_npy(scratch / "images.npy", test::images(3, 0));
  write_npy(scratch / "rows.npy", test::normals(4, 2, 1));
  int made = 0;
  SetReader reader({.extractor = [&] {
    ++made;
    return test::four_pixels();
  }});
  CHECK(
      gather(reader, reader.open(scratch / "rows.npy"), rows_and_moments, Halves::none).all.count ==
      4);
  CHECK(made == 0);
  for (int i = 0; i < 2; ++i)
    gather(reader, reader.open(scratch / "images.npy"), rows_and_moments, Halves::none);
  CHECK(made == 1);
}

TEST_CASE("rows of images come in order with their names and what made them", "[fid]") {
  const test::Scratch scratch;
  const Tensor images = test::images(5, 0);
  write_npy(scratch / "a.npy", images);
  SetReader reader({.extractor = test::four_pixels});
  std::vector<std::string> names;
  std::vector<float> values;
  const Json provenance = reader.pass(
      reader.open(scratch / "a.npy"),
      {.rows =
           [&](std::span<const Tensor> rows) {
             values.insert(values.end(), rows[0].data(), rows[0].data() + rows[0].size());
           },
       .name = [&](const std::string& name) { names.push_back(name); }});
  CHECK(names ==
        std::vector<std::string>{"a.npy[0]", "a.npy[1]", "a.npy[2]", "a.npy[3]", "a.npy[4]"});
  CHECK(values == std::vector<float>(images.begin(), images.end()));
  CHECK(provenance["features"] == "four-pixels");
  CHECK(provenance["tool"].get<std::string>().starts_with("diff-fid "));
}

TEST_CASE("while a device computes, the next images are prepared", "[fid]") {
  const test::Scratch scratch;
  const Tensor images = test::images(100, 0);
  write_npy(scratch / "a.npy", images);
  std::atomic<std::size_t> prepared = 0;
  std::vector<std::size_t> begun, prepared_at_end;
  FeatureExtractor extractor = test::four_pixels();
  extractor.piece = 24;
  extractor.prepare = [&](const Image& image) {
    ++prepared;
    return image.pixels;
  };
  extractor.begin = [&, run = extractor.run](std::span<const Tensor> some,
                                             std::span<const FeatureKind> wanted) {
    begun.push_back(some.size());
    return [&, rows = run(some, wanted)] {
      prepared_at_end.push_back(prepared);
      return rows;
    };
  };
  extractor.run = nullptr;
  SetReader reader({.extractor = [&] { return extractor; }});
  std::vector<float> values;
  reader.pass(reader.open(scratch / "a.npy"), {.rows = [&](std::span<const Tensor> rows) {
                values.insert(values.end(), rows[0].begin(), rows[0].end());
              }});
  CHECK(values == std::vector<float>(images.begin(), images.end()));
  REQUIRE(begun.size() >= 1);
  for (std::size_t i = 0; i + 1 < begun.size(); ++i) CHECK(begun[i] % 24 == 0);
  CHECK(prepared_at_end.front() == std::min<std::size_t>(100, 2 * begun.front()));
}

TEST_CASE("images that cannot be used are named and counted, or end it all", "[fid]") {
  const test::Scratch scratch;
  Tensor images = test::images(3, 0);
  images(1, 0, 0, 0) = 7;  // far outside [-1, 1]
  write_npy(scratch / "a.npy", images);
  test::Said said;
  SetReader reader({.extractor = test::four_pixels}, said.hooks());
  const auto all = [&](SetReader& by) {
    return gather(by, by.open(scratch / "a.npy"), rows_and_moments, Halves::none).all;
  };
  CHECK(all(reader).count == 2);
  CHECK(reader.failed() == 1);
  REQUIRE(said.complaints.size() == 2);
  CHECK_THAT(said.complaints[0], Contains("a.npy[1]"));
  CHECK_THAT(said.complaints[1], Contains("a.npy: 1 of 3 images left out"));
  SetReader strict({.extractor = test::four_pixels, .strict = true});
  CHECK_THROWS_WITH(all(strict), Contains("a.npy[1]"));
  scratch.write("p/a.png", "not a picture");
  CHECK_THROWS_WITH(gather(reader, reader.open(scratch / "p"), rows_and_moments, Halves::none),
                    Contains("p: none of its images can be used"));
  CHECK(reader.failed() == 2);
}

TEST_CASE("halves are every other image of a set", "[fid]") {
  const test::Scratch scratch;
  const Tensor rows = test::normals(7, 3, 0);
  write_npy(scratch / "f.npy", rows);
  SetReader reader({.extractor = test::four_pixels});
  const Gathered out =
      gather(reader, reader.open(scratch / "f.npy"), rows_and_moments, Halves::both);
  REQUIRE(out.halves.size() == 2);
  for (std::size_t h = 0; h < 2; ++h) {
    const RowsView half = out.halves[h].rows.at(FeatureKind::features);
    REQUIRE(half.count == 4 - h);
    for (std::size_t i = 0; i < half.count; ++i)
      for (std::size_t j = 0; j < 3; ++j) CHECK(half.row(i)[j] == rows(2 * i + h, j));
  }
  CHECK(out.all.count == 7);
  CHECK(gather(reader, reader.open(scratch / "f.npy"), {}, Halves::none).all.count == 0);
}

TEST_CASE("statistics stand for a set as far as they go", "[fid]") {
  SetReader reader({.extractor = test::four_pixels});
  const auto open = [&] { return reader.open(data + "published.npz"); };
  const std::vector<Keep> moments = {{FeatureKind::features, Account::moments}};
  const FeatureSet set = gather(reader, open(), moments, Halves::none).all;
  CHECK(set.moments.at(FeatureKind::features).dims() > 0);
  CHECK_THAT(reader.lacks(open(), {FeatureKind::features, Account::rows}).value(),
             Contains("needs the features themselves, and") && Contains("holds statistics"));
  CHECK_THAT(reader.lacks(open(), {FeatureKind::spatial, Account::moments}).value(),
             Contains("needs spatial features (mu_s, sigma_s)"));
  CHECK_FALSE(reader.lacks(open(), moments[0]));
  CHECK_THROWS_WITH(gather(reader, open(), moments, Halves::both),
                    Contains("statistics cannot be split"));
  CHECK_THROWS_WITH(gather(reader, open(), rows_and_moments, Halves::none),
                    Contains("images or rows of features are needed here"));
}

TEST_CASE("only a part of a set may be empty", "[fid]") {
  const test::Scratch scratch;
  write_npy(scratch / "f.npy", test::normals(2, 3, 0));
  SetReader whole({.extractor = test::four_pixels, .extent = {.most = 0}});
  CHECK_FALSE(whole.in_parts());
  CHECK_THROWS_WITH(gather(whole, whole.open(scratch / "f.npy"), rows_and_moments, Halves::none),
                    Contains("f.npy: holds no rows"));
  SetReader part({.extractor = test::four_pixels, .extent = {.shard = Shard{1, 3}}});
  CHECK(part.in_parts());
  const SetStatistics none = gather_statistics(part, part.open(scratch / "f.npy"));
  CHECK(none.features.count == 0);
  CHECK_THROWS_WITH(need_covariance(none.features), Contains("here are none"));
}
