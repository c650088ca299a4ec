// Programs as models: what they are handed, and what is made of what they answer.
#include <bit>
#include <cmath>
#include <limits>

#include "lib/base/error.hpp"
#include "lib/models/model.hpp"
#include "lib/sample/generate.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::filled;
using testing::largest_difference;
using testing::normals;

namespace {

/// A program that answers, for questions of `samples` numbers, the header of x and the
/// values that it takes from one of the three arrays into the file `said`.
std::string telling(const std::string& array, std::size_t samples) {
  const std::string bytes = std::to_string(4 * samples);
  const auto part = [&](const std::string& name) {
    return "head -c 128 > h_" + name + "; head -c " + bytes + " > " + name + "; ";
  };
  return "while { " + part("x") + "test -s x; }; do " + part("t") + part("l") + "cat h_x " + array +
         "; done";
}

Model program(const test::Scratch& scratch, const std::string& command, ExecOptions exec = {}) {
  if (!exec.shape) exec.shape = Shape{1, 1, 1};
  if (!exec.patience) exec.patience = 20;
  return load_model("exec:cd " + scratch.folder().string() + "; " + command, {.exec = exec});
}

Tensor drawn(const DenoiserOf& denoiser, const Shape& shape, const std::string& sampler_spec) {
  const Schedule schedule = make_schedule("cosine", 100);
  const auto grid = make_grid("trailing", schedule, 10);
  const Sampler sampler = make_sampler(sampler_spec);
  const NoiseSource noise(5, "test");
  Tensor all(Shape{4, shape[0], shape[1], shape[2]});
  generate({.shape = shape, .count = 4, .batch = 4},
           {denoiser, sampler, grid, schedule.path, noise}, {},
           [&](std::size_t, const Tensor& x) { all = x; });
  return all;
}

}  // namespace

TEST_CASE("a program is handed x, timesteps and labels as they are", "[models]") {
  const test::Scratch scratch;
  const ExecOptions x0{.predict = Prediction::x0, .classes = 10};
  const Tensor x = normals({3, 1, 1, 1}, 2);
  NoiseLevel at = on_path(Path::variance_exploding, -1);
  at.timestep = 123.5;
  const std::vector<int> labels{7, 0, 9};
  CHECK(largest_difference(program(scratch, telling("x", 3), x0).denoiser({})(x, at).x0, x) == 0);
  CHECK(largest_difference(program(scratch, telling("t", 3), x0).denoiser({})(x, at).x0,
                           filled({3, 1, 1, 1}, 123.5f)) == 0);
  const Tensor said = program(scratch, telling("l", 3), x0).denoiser(labels)(x, at).x0;
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(std::bit_cast<std::int32_t>(said.data()[i]) == labels[i]);
  // -1 is no label, and as a float no number.
  CHECK_THROWS_WITH(program(scratch, telling("l", 3), x0).denoiser({})(x, at),
                    EndsWith("estimate is not finite at timestep 123.5 (sigma 2.72, "
                             "alpha 1)"));
}

TEST_CASE("a program draws the samples that the same function draws here", "[models]") {
  const test::Scratch scratch;
  const Shape shape{1, 2, 1};
  const Tensor point = normals({4, 1, 2, 1}, 3);
  write_npy(scratch / "point.npy", point);
  for (const std::string sampler : {"ddim", "ddim:eta=1", "heun", "dpmpp-2m"}) {
    const Model model =
        program(scratch, "while head -c 448 | grep -q NUMPY; do cat point.npy; done",
                {.predict = Prediction::x0, .shape = shape});
    const Denoiser same = [&](const Tensor& x, const NoiseLevel& at) {
      return denoised_from(Prediction::x0, point, x, at);
    };
    const Tensor here = drawn([&](auto, auto) { return same; }, shape, sampler);
    const Tensor there = drawn([&](auto, auto) { return model.denoiser({}); }, shape, sampler);
    CAPTURE(sampler);
    CHECK(largest_difference(here, there) == 0);
    CHECK_FALSE(model.finish());
  }
}

TEST_CASE("predictions of a program are converted exactly", "[models]") {
  const test::Scratch scratch;
  const Tensor x = normals({3, 1, 1, 1}, 2);
  NoiseLevel at = on_path(Path::variance_preserving, 0.3);
  at.timestep = 5;
  for (const PredictionInfo& row : predictions()) {
    const Prediction what = row.prediction;
    const Model model = program(scratch, telling("x", 3), {.predict = what});
    CAPTURE(std::string(name_of(what)));
    CHECK(largest_difference(model.denoiser({})(x, at).x0, denoised_from(what, x, x, at).x0) == 0);
  }
  const Model usual = program(scratch, telling("x", 3));
  CHECK(largest_difference(usual.denoiser({})(x, at).x0,
                           denoised_from(Prediction::eps, x, x, at).x0) == 0);
}

TEST_CASE("a program may answer a learned variance", "[models]") {
  const test::Scratch scratch;
  const Tensor x = normals({3, 1, 1, 1}, 2), said = normals({3, 1, 1, 2}, 4);
  write_npy(scratch / "said.npy", said);
  NoiseLevel at = on_path(Path::variance_preserving, 0.3);
  at.timestep = 5;
  const Model model = program(scratch, "while head -c 420 | grep -q NUMPY; do cat said.npy; done");
  const Denoised got = model.denoiser({})(x, at);
  const Denoised want = denoised_from_said(Prediction::eps, said, x, at);
  CHECK(largest_difference(got.x0, want.x0) == 0);
  REQUIRE(got.variance_share.has_value());
  CHECK(largest_difference(*got.variance_share, *want.variance_share) == 0);
}

TEST_CASE("an estimate that is no number is named with its step", "[models]") {
  const test::Scratch scratch;
  write_npy(scratch / "good.npy", filled({4, 1, 1, 1}, 0));
  write_npy(scratch / "bad.npy", filled({4, 1, 1, 1}, std::numeric_limits<float>::quiet_NaN()));
  const Model model = program(scratch,
                              "for i in 1 2; do head -c 432 >q; cat good.npy; done; "
                              "head -c 432 >q; cat bad.npy; cat >q",
                              {.predict = Prediction::x0});
  CHECK_THROWS_WITH(
      drawn([&](auto, auto) { return model.denoiser({}); }, {1, 1, 1}, "ddim"),
      EndsWith(": estimate is not finite at step 3 of 10, timestep 79 (sigma 0.952, alpha 0.307)"));
}

TEST_CASE("what a program is has to be said, and only of a program", "[models]") {
  CHECK_THROWS_WITH(load_model("exec:cat"),
                    "exec:cat: a program does not say of what size its samples are; "
                    "`shape` HxWxC does");
  CHECK_THROWS_WITH(load_model("exec:"), "exec: names no command");
  const auto refused = [](const ExecOptions& exec, const std::string& flag) {
    CHECK_THROWS_WITH(load_model("mixture:m.json", {.exec = exec}),
                      flag +
                          ": goes with an exec:COMMAND model; mixture:m.json says itself what "
                          "it is");
  };
  refused({.predict = Prediction::eps}, "`predict`");
  refused({.shape = Shape{1, 1, 1}}, "`shape`");
  refused({.classes = 1}, "`classes`");
  refused({.patience = 1.0}, "`exec-timeout`");
}
