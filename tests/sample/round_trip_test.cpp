// Up to latents and down again on Gaussian data, whose way is known, and numbers by hand.
#include "lib/sample/round_trip.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "lib/schedule/grids/grid.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gaussian.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::filled;
using testing::largest_difference;
using testing::normals;

namespace {

const testing::Gaussian data;
const DenoiserOf exact = [](std::size_t, std::size_t) { return data.denoiser(); };

Tensor images(std::size_t count) {
  Tensor x = normals({count, 2, 2, 1}, 3);
  for (float& value : x) value = 0.3f + 0.5f * value;
  return x;
}

}  // namespace

TEST_CASE("a way up and down again ends where it began", "[sample]") {
  const Schedule schedule = make_schedule("cosine");
  const auto grid = make_grid("trailing", schedule, 20);
  std::size_t passed = 0;
  const RoundTripTools tools{.schedule = schedule,
                             .denoiser = exact,
                             .grid = grid,
                             .corrections = 30,
                             .batch = 3,
                             .passed = [&] { ++passed; }};
  const Tensor clean = images(7);
  const Tensor latents = walked_up(tools, clean);
  CHECK(passed == 3 * 20);  // batches of 3, 3 and 1
  CHECK(largest_difference(walked_down(tools, latents), clean) < 1e-4);
  CHECK(passed == 2 * 3 * 20);
}

TEST_CASE("latents do not depend on batches, and come near the ODE's own", "[sample]") {
  const Schedule schedule = make_schedule("cosine:T=10000");
  const auto grid = make_grid("trailing", schedule, 200);
  const auto latents = [&](std::size_t batch) {
    return walked_up({.schedule = schedule,
                      .denoiser = exact,
                      .grid = grid,
                      .sampler = InversionOf::heun,
                      .batch = batch},
                     images(5));
  };
  const Tensor whole = latents(5);
  CHECK(largest_difference(latents(2), whole) == 0);
  const Tensor flowed = data.flow(images(5), schedule.at(1), grid.front());
  CHECK(largest_difference(whole, flowed) < 0.02 * data.spread(grid.front()));
}

TEST_CASE("each batch has the denoiser of its own samples", "[sample]") {
  const Schedule schedule = make_schedule("cosine", 50);
  const auto grid = make_grid("trailing", schedule, 2);
  std::vector<std::size_t> asked;
  const DenoiserOf noting = [&](std::size_t offset, std::size_t size) {
    asked.insert(asked.end(), {offset, size});
    return data.denoiser();
  };
  const RoundTripTools tools{.schedule = schedule, .denoiser = noting, .grid = grid, .batch = 2};
  const Tensor latents = walked_up(tools, images(3));
  CHECK(asked == std::vector<std::size_t>{0, 2, 2, 1});
  walked_down(tools, latents);
  CHECK(asked == std::vector<std::size_t>{0, 2, 2, 1, 0, 2, 2, 1});
}

TEST_CASE("round trips are measured image by image, and all together", "[sample]") {
  const std::vector<std::string> names{"a.png", "b.png"};
  const Tensor clean = filled({2, 1, 2, 1}, 0.5f);
  Tensor back = clean, latents = filled({2, 1, 2, 1}, 3);
  back.data()[0] += 0.2f;  // of the first image alone
  latents.data()[2] = latents.data()[3] = 6;
  const auto trips = round_trips(names, {clean, latents, back, /*noise=*/3});
  REQUIRE(trips.size() == 3);
  CHECK(trips[0].name == "a.png");
  CHECK(trips[0].rms == Approx(0.2 / std::sqrt(2.0)));
  CHECK(trips[0].psnr() == Approx(20 * std::log10(2 / (0.2 / std::sqrt(2.0)))));
  CHECK(trips[0].latent_rms == Approx(1));
  CHECK(trips[1].rms == 0);
  CHECK(std::isinf(trips[1].psnr()));
  CHECK(trips[1].latent_rms == Approx(2));
  CHECK(trips[2].name == "all");
  CHECK(trips[2].rms == Approx(0.1));
  CHECK(trips[2].latent_rms == Approx(std::sqrt(2.5)));
}
