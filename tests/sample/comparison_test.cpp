#include "lib/sample/comparison.hpp"

#include <vector>

#include "lib/base/error.hpp"
#include "lib/noise/wrappers.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gaussian.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::filled;
using testing::largest_difference;

namespace {

const Schedule schedule = make_schedule("cosine", 100);
const DenoiserOf exact = [](std::size_t, std::size_t) { return testing::Gaussian{}.denoiser(); };
const NoiseSource noise(5, "diff-sample");
const GenerateRequest request{.shape = {2, 2, 1}, .first = 3, .count = 5, .batch = 2};

ComparedRun run(const std::string& spec, int steps) {
  const auto grid = make_grid("trailing", schedule, steps);
  std::atomic<std::size_t> asked = 7;  // of earlier runs
  const DenoiserOf counted = [&](std::size_t offset, std::size_t size) {
    return watched(exact(offset, size), [&](const Tensor& x, const NoiseLevel&, const Denoised&) {
      asked += x.shape(0);
    });
  };
  const GenerateTools tools{counted, {}, grid, schedule.path, noise, &schedule};
  return compared_run(spec, {request, tools, asked, [] {}});
}

}  // namespace

TEST_CASE("a compared run is the sampler's own", "[sample]") {
  for (const char* spec : {"ddim", "heun", "ddim:eta=1", "dpmpp-2m", "sde"}) {
    const auto grid = make_grid("trailing", schedule, 7);
    Tensor samples(Shape{5, 2, 2, 1});
    const Sampler sampler = make_sampler(spec);
    generate(request, {exact, sampler, grid, schedule.path, noise, &schedule}, {},
             [&](std::size_t offset, const Tensor& part) {
               std::copy(part.begin(), part.end(), samples.data() + offset * 4);
             });
    CAPTURE(spec);
    CHECK(largest_difference(run(spec, 7).samples, samples) == 0);
  }
}

TEST_CASE("compared runs count evaluations and notice noise", "[sample]") {
  CHECK(run("ddim", 6).evaluations == 6);
  CHECK(run("heun", 6).evaluations == 10);  // the ends are taken in one
  CHECK(run("heun", 6).steps == 6);
  CHECK_FALSE(run("ddim", 6).draws_noise);
  CHECK_FALSE(run("ode", 2).draws_noise);
  for (const char* spec : {"ddim:eta=0.1", "euler:churn=1", "sde", "langevin"}) {
    CAPTURE(spec);
    CHECK(run(spec, 6).draws_noise);
  }
}

TEST_CASE("the distance is the root of the mean square", "[sample]") {
  Tensor a = filled({2, 1, 1, 2}, 1), b = a;
  b(1, 0, 0, 1) = 4;
  CHECK(rms_distance(a, a) == 0);
  CHECK(rms_distance(a, b) == Approx(1.5));
}

TEST_CASE("curves are drawn of runs that have a distance", "[sample]") {
  const auto made = [](const std::string& spec, double evaluations,
                       std::optional<double> distance) {
    return ComparedRun{.sampler = spec,
                       .steps = 5,
                       .samples = Tensor(Shape{1, 1, 1, 1}),
                       .evaluations = evaluations,
                       .seconds = 1,
                       .draws_noise = !distance,
                       .distance = distance};
  };
  const std::vector<ComparedRun> runs{made("ddim", 5, 0.5), made("ddim", 10, 0.25),
                                      made("sde", 5, {}), made("heun", 9, 0.0),
                                      made("it's", 9, 0.1)};
  const std::string script = comparison_script(runs, "ode", PictureType::svg);
  CHECK(script.find("$run0 << end\n5 0.5\n10 0.25\nend\n") != script.npos);
  CHECK(script.find("$run1 << end\n9 0.1\nend\n") != script.npos);
  CHECK(script.find("title 'it''s'") != script.npos);
  CHECK(script.find("sde") == script.npos);
  CHECK(script.find("heun") == script.npos);
  CHECK_THROWS_WITH(comparison_script(std::span(runs).subspan(2, 1), "ode", PictureType::svg),
                    Contains("no distance to draw"));
}

namespace {

SamplerComparison comparison(const ComparisonPlan& plan) {
  std::atomic<std::size_t> asked = 0;
  const DenoiserOf counted = [&](std::size_t offset, std::size_t size) {
    return watched(exact(offset, size), [&](const Tensor& x, const NoiseLevel&, const Denoised&) {
      asked += x.shape(0);
    });
  };
  return compared(plan, {.request = request,
                         .schedule = schedule,
                         .denoiser = counted,
                         .noise = noise,
                         .asked = asked,
                         .passed = {}});
}

}  // namespace

TEST_CASE("a comparison has every sampler on every grid, nearer with more steps", "[sample]") {
  const SamplerComparison found =
      comparison({.samplers = {"ddim", "sde"}, .steps = {5, 20}, .reference = "ode"});
  REQUIRE(found.runs.size() == 4);
  CHECK(found.runs[0].sampler == "ddim");
  CHECK(found.runs[0].steps == 5);
  CHECK(found.runs[1].steps == 20);
  CHECK(found.runs[1].evaluations == 20);
  CHECK(*found.runs[1].distance < *found.runs[0].distance / 2);
  CHECK_FALSE(found.runs[2].distance);  // draws noise
  CHECK(found.reference.sampler == "ode");
  CHECK(found.reference.steps == 100);
}

// What the samplers begin from is carried to the last level by the closed form.
TEST_CASE("the reference of a comparison is the solution of the ODE", "[sample]") {
  const SamplerComparison found =
      comparison({.samplers = {"ddim"}, .steps = {4}, .reference = "ode:rtol=1e-6,atol=1e-6"});
  const auto grid = make_grid("trailing", schedule, 4);
  std::vector<std::uint64_t> ids{3, 4, 5, 6, 7};
  const Tensor start = noise.normal(Shape{5, 2, 2, 1}, ids, 0);
  const Tensor solution = testing::Gaussian{}.flow(start, grid.front(), schedule.at(1));
  CHECK(largest_difference(found.reference.samples, solution) < 0.02);
}

TEST_CASE("what has no one solution is refused", "[sample]") {
  const auto said = [](const ComparisonPlan& plan) -> std::string {
    try {
      comparison(plan);
    } catch (const Error& e) {
      return e.what();
    }
    return "compared";
  };
  CHECK(said({.samplers = {"ddim"}, .steps = {5}, .grid = "ddim50", .reference = "ode"}) ==
        "`grid` ddim50: says itself how many steps there are, and `steps` is to");
  CHECK(said({.samplers = {"ddim"}, .steps = {5, 10}, .grid = "leading", .reference = "ode"})
            .starts_with("`grid` leading: begins at other levels with other `steps`"));
  CHECK(said({.samplers = {"ddim"}, .steps = {5}, .reference = "sde"}) ==
        "`reference` sde: draws noise, so that it is not a solution of the ODE");
}
