#include "lib/fid/neighbour_listing.hpp"

#include "lib/base/error.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "tests/fid/sets.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

TEST_CASE("copies are listed first, by name", "[fid]") {
  const test::Scratch scratch;
  const Tensor real = test::normals(20, 6, 0);
  Tensor fake = test::normals(5, 6, 1);
  for (std::size_t j = 0; j < 6; ++j) fake(3, j) = real(11, j);
  write_npy(scratch / "real.npy", real);
  write_npy(scratch / "fake.npy", fake);
  SetReader reader({.extractor = test::four_pixels});
  const NamedSet reals = gather_named(reader, scratch / "real.npy");
  const NamedSet fakes = gather_named(reader, scratch / "fake.npy");
  CHECK(fakes.rows().count == 5);

  const NeighbourListing listing = list_neighbours(reals, fakes, 2, 1.0 / 3);
  CHECK(listing.samples == 5);
  CHECK(listing.summary.copies == 1);
  REQUIRE(listing.shown.size() == 2);
  const Json json = listing_to_json(listing);
  CHECK(json["copied_part"] == 0.2);
  CHECK(json["n_real"] == 20);
  CHECK(json["features"] == "ready");
  CHECK_THAT(json["pairs"][0]["sample"].get<std::string>(), EndsWith("fake.npy[3]"));
  CHECK_THAT(json["pairs"][0]["nearest"].get<std::string>(), EndsWith("real.npy[11]"));
  const std::string text = listing_to_text(listing);
  CHECK(text.starts_with("ratio\tdistance\tsample\tnearest\ttwin_distance\ttwin\n0\t0\t"));
  CHECK(std::ranges::count(text, '\n') == 3);
  CHECK(list_neighbours(reals, fakes, 0, 0.5).shown.size() == 5);
}

TEST_CASE("neighbours need two images of each set, and the same features", "[fid]") {
  const test::Scratch scratch;
  write_npy(scratch / "one.npy", test::normals(1, 6, 0));
  write_npy(scratch / "six.npy", test::normals(3, 6, 0));
  write_npy(scratch / "two.npy", test::normals(3, 2, 0));
  SetReader reader({.extractor = test::four_pixels});
  CHECK_THROWS_WITH(gather_named(reader, scratch / "one.npy"),
                    Contains("one.npy: one image; neighbours need two at least"));
  CHECK_THROWS_WITH(gather_named(reader, TEST_DATA_DIR "/fid/published.npz"),
                    Contains("neighbours: needs the features themselves"));
  const NamedSet six = gather_named(reader, scratch / "six.npy");
  const NamedSet two = gather_named(reader, scratch / "two.npy");
  CHECK_THROWS_AS(list_neighbours(six, two, 0, 0.5), Error);
}
