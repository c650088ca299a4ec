#include "lib/schedule/exchange/arrays.hpp"

#include <cmath>

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

std::vector<double> values_of(const std::string& text, std::optional<Quantity> wanted = {}) {
  return parse_list(text, wanted, "f").values;
}

Schedule made(Quantity quantity, std::vector<double> values, Path path) {
  return from_array({.quantity = quantity, .values = std::move(values)}, path);
}

constexpr Path vp = Path::variance_preserving, ve = Path::variance_exploding, flow = Path::straight;

}  // namespace

TEST_CASE("numbers are read with and without names, in any common separation", "[schedule]") {
  const std::vector<double> two{0.1, 0.2};
  CHECK(values_of("0.1\n0.2\n", Quantity::betas) == two);
  CHECK(values_of("[0.1, 0.2]", Quantity::betas) == two);
  CHECK(values_of("# betas\r\n0.1\r\n\r\n0.2", Quantity::betas) == two);
  CHECK(values_of("t,beta\n1,0.1\n2,0.2\n") == two);
  CHECK(values_of("t\tbeta\talpha_bar\n1\t0.1\t.9\n2\t0.2\t.7\n") == two);
  CHECK(values_of("  t  beta\n  1   0.1\n 10   0.2\n") == two);
  CHECK(values_of("t;\"alphas_cumprod\";beta\n1;.9;0.1\n2;.8;0.2\n", Quantity::betas) == two);
  CHECK(values_of("mine\n0.1\n0.2\n", Quantity::sigmas) == two);
  CHECK_FALSE(parse_list("0.1\n0.2\n", {}, "f").quantity);
  const PlainArray array = parse_list("beta,timestep\n0.1,20\n0.2,40\n", {}, "f");
  CHECK(array.quantity == Quantity::betas);
  CHECK(array.timesteps == std::vector<double>{20, 40});
  CHECK(from_array(array, vp).at(2).timestep == 40);
}

TEST_CASE("what is no list of numbers is named", "[schedule]") {
  CHECK_THROWS_WITH(values_of("beta\n0.1\nx"), Contains("f: line 3"));
  CHECK_THROWS_WITH(values_of("t,beta\n1"), Contains("f: line 2"));
  CHECK_THROWS_WITH(values_of("a,b\n1,2"), Contains("no column of a known name among a, b"));
  CHECK_THROWS_WITH(values_of("t,beta\n1,2", Quantity::sigmas), Contains("no column sigmas"));
  CHECK_THROWS_WITH(values_of("[0.1, \"x\"]", Quantity::betas), Contains("must be a number"));
  CHECK_THROWS_WITH(values_of(std::string("\x93\0", 2), Quantity::betas), Contains("binary"));
}

TEST_CASE("the same schedule from each of its quantities", "[schedule]") {
  const Schedule linear = make_schedule("linear", 10);
  std::vector<double> alpha_bars, log_snr;
  for (const NoiseLevel& level : linear.levels) {
    alpha_bars.push_back(level.alpha * level.alpha);
    log_snr.push_back(2 * level.lambda);
  }
  for (const Schedule& same :
       {made(Quantity::betas, linear.betas, vp), made(Quantity::alpha_bars, alpha_bars, vp),
        made(Quantity::log_snr, log_snr, vp)})
    for (int t = 1; t <= 10; ++t) {
      CHECK(same.at(t).sigma == Approx(linear.at(t).sigma).epsilon(1e-10));
      CHECK(same.at(t).timestep == t - 1);
    }
}

TEST_CASE("sigmas that fall to zero are those of a sampler", "[schedule]") {
  const Schedule turned = made(Quantity::sigmas, {10, 1, 0.1, 0}, ve);
  REQUIRE(turned.steps() == 3);
  CHECK(turned.at(1).sigma == 0.1);
  CHECK(turned.at(3).sigma == 10);
  CHECK(made(Quantity::sigmas, {0.25, 1}, flow).at(1).timestep == 250);
}

TEST_CASE("a list that is no schedule of its process is refused", "[schedule]") {
  CHECK_THROWS_WITH(made(Quantity::betas, {}, vp), Contains("at least one number"));
  CHECK_THROWS_WITH(made(Quantity::betas, {0.1}, ve), Contains("process vp"));
  CHECK_THROWS_WITH(made(Quantity::sigmas, {0.1}, vp), Contains("ve or flow"));
  CHECK_THROWS_WITH(made(Quantity::sigmas, {0.1, 2}, flow), Contains("outside [0, 1]"));
  CHECK_THROWS_WITH(made(Quantity::betas, {0.1, -1}, vp), Contains("betas[1] (t = 2)"));
  CHECK_THROWS_WITH(made(Quantity::log_snr, {3, std::nan("")}, ve), Contains("(t = 2)"));
}
