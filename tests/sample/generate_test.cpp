#include "lib/sample/generate.hpp"

#include <atomic>
#include <thread>

#include "lib/base/error.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gaussian.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::largest_difference;

namespace {

Tensor drawn(GenerateRequest request, const std::string& sampler_spec,
             const GenerateWatch& watch = {}) {
  request.shape = {2, 2, 1};
  const Schedule schedule = make_schedule("cosine", 100);
  const auto grid = make_grid("trailing", schedule, 10);
  const DenoiserOf exact = [](std::size_t, std::size_t) { return testing::Gaussian{}.denoiser(); };
  const Sampler sampler = make_sampler(sampler_spec);
  const NoiseSource noise(5, "diff-sample");
  Tensor all(Shape{request.count, 2, 2, 1}, 0.0f);
  generate(request, {exact, sampler, grid, schedule.path, noise}, watch,
           [&](std::size_t offset, const Tensor& x) {
             std::copy(x.begin(), x.end(), all.begin() + std::ptrdiff_t(offset * 4));
           });
  return all;
}

}  // namespace

TEST_CASE("samples do not depend on batch or shard", "[sample]") {
  const Tensor all = drawn({.shape = {}, .count = 10, .batch = 10}, "ddim:eta=1");
  CHECK(largest_difference(all, drawn({.shape = {}, .count = 10, .batch = 1}, "ddim:eta=1")) == 0);
  CHECK(largest_difference(all, drawn({.shape = {}, .count = 10, .batch = 7}, "ddim:eta=1")) == 0);
  const Tensor last = drawn({.shape = {}, .first = 7, .count = 3, .batch = 2}, "ddim:eta=1");
  CHECK(std::equal(last.begin(), last.end(), all.begin() + 28));
}

TEST_CASE("a part of a request has its samples", "[sample]") {
  GenerateRequest whole{.shape = {2, 2, 1}, .first = 4, .count = 5, .batch = 2};
  whole.start = start_from_states(testing::normals({5, 2, 2, 1}, 1));
  whole.draws = testing::normals({9, 5, 2, 2, 1}, 2);
  const Tensor all = drawn(whole, "ddim:eta=1");
  const GenerateRequest part = part_of(whole, {2, 3});
  CHECK(part.first == 6);
  const Tensor last = drawn(part, "ddim:eta=1");
  REQUIRE(last.shape(0) == 3);
  CHECK(std::equal(last.begin(), last.end(), all.begin() + 8));
  whole.wanted = [](std::size_t offset) { return offset == 3; };
  CHECK(batch_count(part_of(whole, {3, 1})) == 1);
  CHECK(batch_count(part_of(whole, {0, 3})) == 0);
}

TEST_CASE("samples that are not wanted are not drawn", "[sample]") {
  GenerateRequest request{.shape = {2, 2, 1}, .count = 10, .batch = 3};
  CHECK(batch_count(request) == 4);
  const Tensor all = drawn(request, "ddim:eta=1");
  const auto wanted = [](std::size_t offset) { return offset > 0 && offset != 5; };
  request.wanted = wanted;
  CHECK(batch_count(request) == 4);  // 1-3, 4, 6-8, 9
  const Tensor some = drawn(request, "ddim:eta=1");
  for (std::size_t n = 0; n < 10; ++n)
    for (std::size_t i = 0; i < 4; ++i)
      CHECK(some.data()[4 * n + i] == (wanted(n) ? all.data()[4 * n + i] : 0));
  request.wanted = [](std::size_t) { return false; };
  CHECK(batch_count(request) == 0);
}

TEST_CASE("batches side by side are the samples of batches one by one, in their order",
          "[sample]") {
  GenerateRequest request{.shape = {}, .count = 11, .batch = 2};
  const Tensor all = drawn(request, "ddim:eta=1");
  for (const std::size_t at_once : {2, 3, 20}) {
    CAPTURE(at_once);
    request.batches_at_once = at_once;
    std::size_t evaluations = 0, levels = 0;
    const Tensor same =
        drawn(request, "ddim:eta=1",
              {.at_level = [&](std::size_t, std::uint32_t, const Tensor&) { ++levels; },
               .evaluated = [&](auto, const auto&, const auto&, const auto&) { ++evaluations; }});
    CHECK(largest_difference(all, same) == 0);
    CHECK(evaluations == 6 * 10);
    CHECK(levels == 6 * 11);
  }
}

namespace {

/// What `take` saw of 8 batches side by side, and how often the model was asked; the model fails
/// in the batch at `failing`.
struct SideBySide {
  std::vector<std::size_t> taken;
  std::atomic<int> asked = 0, at_once = 0, most_at_once = 0;

  void draw(std::size_t failing) {
    const Schedule schedule = make_schedule("cosine", 100);
    const auto grid = make_grid("trailing", schedule, 10);
    const DenoiserOf denoisers = [&](std::size_t offset, std::size_t) -> Denoiser {
      return [&, offset](const Tensor& x_t, const NoiseLevel& at) {
        if (offset == failing && at.lambda > grid[5].lambda) throw Error("failed");
        ++asked;
        most_at_once = std::max<int>(most_at_once, ++at_once);
        std::this_thread::sleep_for(std::chrono::milliseconds(offset > failing ? 20 : 2));
        --at_once;
        return testing::Gaussian{}.denoiser()(x_t, at);
      };
    };
    const NoiseSource noise(5, "diff-sample");
    generate({.shape = {2, 2, 1}, .count = 8, .batch = 1, .batches_at_once = 2},
             {denoisers, make_sampler("ddim"), grid, schedule.path, noise}, {},
             [&](std::size_t offset, const Tensor&) { taken.push_back(offset); });
  }
};

}  // namespace

TEST_CASE("of batches side by side there are no more than were asked for", "[sample]") {
  SideBySide run;
  run.draw(99);
  CHECK(run.taken == std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(run.most_at_once == 2);
}

TEST_CASE("a batch that fails ends those beside it", "[sample]") {
  SideBySide run;
  CHECK_THROWS_WITH(run.draw(2), "failed");
  CHECK(run.taken == std::vector<std::size_t>{0, 1});
  CHECK(run.asked < 36);  // of the batch beside it not all ten
}

TEST_CASE("watches are called one after the other", "[sample]") {
  std::string order;
  const auto level = [&](char name) {
    return [&order, name](std::size_t, std::uint32_t, const Tensor&) { order += name; };
  };
  const GenerateWatch both = joined({{.at_level = level('a')}, {}, {.at_level = level('b')}});
  CHECK_FALSE(both.evaluated);
  both.at_level(0, 0, Tensor());
  CHECK(order == "ab");
}

TEST_CASE("starts and draws can be replayed", "[sample]") {
  const Tensor start = testing::normals({3, 2, 2, 1}, 1);
  const Tensor draws = testing::normals({9, 3, 2, 2, 1}, 2);
  const auto replay = [&](std::size_t batch) {
    return drawn({.shape = {},
                  .count = 3,
                  .batch = batch,
                  .start = start_from_states(start),
                  .draws = draws},
                 "ddim:eta=1");
  };
  CHECK(largest_difference(replay(3), replay(2)) == 0);
  CHECK(largest_difference(replay(3),
                           drawn({.shape = {}, .count = 3, .start = start_from_states(start)},
                                 "ddim:eta=1")) > 0.01);
  const Tensor few = testing::normals({2, 3, 2, 2, 1}, 2);
  CHECK_THROWS_WITH(drawn({.shape = {}, .count = 3, .draws = few}, "ddim:eta=1"),
                    Contains("has 2 draws, and the sampler asks for more"));
  const Tensor many = testing::normals({10, 3, 2, 2, 1}, 2);
  CHECK_THROWS_WITH(drawn({.shape = {}, .count = 3, .draws = many}, "ddim:eta=1"),
                    Contains("has 10 draws, and the sampler asks for 9"));
  CHECK_THROWS_WITH(drawn({.shape = {}, .count = 3, .draws = many}, "ddim"),
                    Contains("has 10 draws, and the sampler asks for none"));
}

TEST_CASE("a watch sees every level and every evaluation", "[sample]") {
  std::vector<std::uint32_t> levels;
  int evaluations = 0;
  Tensor last;
  GenerateWatch watch;
  watch.at_level = [&](std::size_t, std::uint32_t index, const Tensor& x) {
    levels.push_back(index);
    last = x;
  };
  watch.evaluated = [&](std::size_t, const Tensor&, const NoiseLevel&, const Denoised&) {
    ++evaluations;
  };
  const Tensor got = drawn({.shape = {}, .count = 2, .batch = 2}, "ddim", watch);
  CHECK(levels.size() == 11);
  CHECK(levels.back() == 10);
  CHECK(evaluations == 10);
  CHECK(largest_difference(got, last) == 0);
}
