#include "lib/noise/combine.hpp"
#include "lib/sample/sampler.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gaussian.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::filled;
using testing::largest_difference;
using testing::normals;

namespace {

/// A Gaussian's exact denoiser that puts its variance at `share` everywhere.
Denoiser sharing(float share) {
  return [share, inner = testing::Gaussian().denoiser()](const Tensor& x, const NoiseLevel& at) {
    Denoised said = inner(x, at);
    said.variance_share = filled(x.shape(), share);
    return said;
  };
}

Tensor sampled(const std::string& spec, const Denoiser& denoise) {
  const Schedule schedule = make_schedule("linear:T=20,beta_end=0.3");
  const auto grid = make_grid("trailing", schedule, 20);
  return make_sampler(spec)(
      {.denoise = denoise,
       .x = normals({3, 2, 2, 1}, 5),
       .grid = grid,
       .noise = [](const Shape& shape, std::uint32_t draw) { return normals(shape, 7, draw); }});
}

}  // namespace

TEST_CASE("a learned variance runs from DDPM's small to its large one", "[sample]") {
  const std::string learned = "ddim:eta=1,variance=learned";
  CHECK(largest_difference(sampled(learned, sharing(0)), sampled("ddim:eta=1", sharing(0))) < 1e-5);
  CHECK(largest_difference(sampled(learned, sharing(1)),
                           sampled("ddim:eta=1,variance=large", sharing(1))) < 1e-5);
  CHECK(largest_difference(sampled(learned, sharing(0.5f)), sampled(learned, sharing(0))) > 1e-3);
  CHECK_THROWS_WITH(sampled(learned, testing::Gaussian().denoiser()),
                    Contains("needs a model that has learned one"));
  CHECK_THROWS_WITH(make_sampler("ddim:eta=0.5,variance=learned"),
                    "ddim: variance learned is DDPM's: it needs eta=1");
}
