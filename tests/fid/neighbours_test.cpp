#include "lib/fid/metrics/neighbours.hpp"

#include <cmath>

#include "lib/rng/noise_source.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

Tensor noise(std::size_t n, std::size_t d, std::uint64_t id) {
  Tensor rows(Shape{n, d});
  NoiseSource(6, "neighbours-test").fill({rows.data(), rows.size()}, id, 0);
  return rows;
}

}  // namespace

TEST_CASE("nearest neighbours are those that a search in double finds", "[fid]") {
  const Tensor a = noise(300, 40, 0), b = noise(500, 40, 1);
  const auto found = nearest_neighbours(rows_of(a), rows_of(b), 3, Among::other_set);
  for (std::size_t i = 0; i < 300; ++i) {
    std::vector<Neighbour> all;
    for (std::size_t j = 0; j < 500; ++j) {
      double square = 0;
      for (std::size_t c = 0; c < 40; ++c) square += std::pow(double(a(i, c)) - double(b(j, c)), 2);
      all.push_back({j, square});
    }
    std::ranges::sort(all, {}, &Neighbour::square);
    for (std::size_t k = 0; k < 3; ++k) {
      REQUIRE(found[i][k].index == all[k].index);
      REQUIRE(found[i][k].square == Approx(all[k].square).epsilon(1e-14));
    }
  }
}

TEST_CASE("a copy has a small ratio, and equal samples are counted", "[fid]") {
  const Tensor real = noise(50, 8, 0);
  Tensor fake = noise(20, 8, 1);
  for (std::size_t c = 0; c < 8; ++c) {
    fake(4, c) = real(30, c);
    fake(9, c) = fake(12, c) = fake(2, c);
  }
  const auto reports = report_neighbours(rows_of(real), rows_of(fake));
  REQUIRE(reports.size() == 20);
  CHECK(reports[0].sample == 4);
  CHECK(reports[0].nearest == 30);
  CHECK(reports[0].ratio == 0);
  for (std::size_t i = 1; i < 20; ++i) CHECK(reports[i].ratio >= reports[i - 1].ratio);
  const MemorisationSummary summary = summarise(reports, 1.0 / 3);
  CHECK(summary.copies == 1);
  CHECK(summary.duplicates == 2);
}
