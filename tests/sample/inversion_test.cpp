// Where inversion leads is known for Gaussian data, and what it promises is the way back.
#include "lib/sample/inversion.hpp"

#include <algorithm>
#include <vector>

#include "lib/schedule/grids/grid.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gaussian.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::largest_difference;
using testing::normals;

namespace {

struct Setting {
  Schedule schedule;
  std::vector<NoiseLevel> down, up;
};

// A table so fine that its first level is as good as clean.
Setting setting(const char* family, int steps) {
  Setting made{make_schedule(family), {}, {}};
  made.down = make_grid("trailing", made.schedule, steps);
  made.up.assign(made.down.rbegin(), made.down.rend());
  return made;
}

Tensor images() {
  Tensor x = normals({8, 2, 2, 1}, 3);
  for (float& value : x) value = 0.3f + 0.5f * value;
  return x;
}

Tensor latent(const Setting& at, const Denoiser& denoise, Inversion how) {
  how.lowest = at.schedule.at(1);
  return inverted({.denoise = denoise,
                   .x = images(),
                   .grid = at.up,
                   .path = at.schedule.path,
                   .schedule = &at.schedule},
                  how);
}

double latent_error(const char* family, int steps, InversionOf sampler) {
  const testing::Gaussian data;
  const Setting at = setting(family, steps);
  const Tensor got = latent(at, data.denoiser(), {.sampler = sampler, .lowest = {}});
  return largest_difference(got, data.flow(images(), at.up.front(), at.up.back())) /
         data.spread(at.up.back());
}

}  // namespace

TEST_CASE("inversion finds the ODE's own latents, at its order", "[sample]") {
  for (const char* family :
       {"cosine:T=100000", "karras:T=100000,sigma_min=0.00001", "flow:T=100000"}) {
    const double coarse = latent_error(family, 40, InversionOf::ddim),
                 fine = latent_error(family, 160, InversionOf::ddim);
    CAPTURE(family, coarse, fine, std::log2(coarse / fine) / 2);
    CHECK(std::log2(coarse / fine) / 2 > 0.7);
    CHECK(fine < 0.05);
    CHECK(latent_error(family, 160, InversionOf::heun) < fine / 4);
  }
}

TEST_CASE("corrections make the way back exact", "[sample]") {
  const Denoiser exact = testing::Gaussian{}.denoiser();
  for (const char* family : {"cosine", "linear", "ve", "flow"}) {
    const Setting at = setting(family, 10);
    const auto error = [&](int corrections) {
      const Tensor x = latent(at, exact, {.corrections = corrections, .lowest = {}});
      return largest_difference(make_sampler("ddim")({.denoise = exact, .x = x, .grid = at.down}),
                                images());
    };
    CAPTURE(family, error(0), error(2), error(30));
    CHECK(error(0) > 0.02);
    CHECK(error(2) < error(0) / 2);
    CHECK(error(30) < 1e-5);
  }
}

TEST_CASE("inversion takes one step, and grids that end before clean data", "[sample]") {
  const Denoiser exact = testing::Gaussian{}.denoiser();
  const auto corrections = GENERATE(0, 3);
  for (const char* grid : {"trailing", "trailing:final=sigma_min"})
    for (const char* family : {"cosine", "ve", "flow"}) {
      Setting at = setting(family, 1);
      at.down = make_grid(grid, at.schedule, 1);
      at.up.assign(at.down.rbegin(), at.down.rend());
      const Tensor x = latent(at, exact, {.corrections = corrections, .lowest = {}});
      CAPTURE(grid, family);
      CHECK(std::all_of(x.begin(), x.end(), [](float v) { return std::isfinite(v); }));
    }
}
