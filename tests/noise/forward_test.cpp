// The chain and its closed form agree in distribution.
#include "lib/noise/forward.hpp"

#include <cmath>

#include "lib/schedule/schedule.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::filled;
using testing::moments;
using testing::normals;

namespace {

constexpr std::size_t samples = 200'000;
constexpr float data = 0.8f;

Tensor by_chain(const Schedule& schedule, int steps) {
  Tensor x = filled({samples, 1}, data);
  for (int t = 1; t <= steps; ++t)
    x = chain_step(x, normals({samples, 1}, 1, std::uint32_t(t)), schedule.at(t - 1),
                   schedule.at(t));
  return x;
}

/// Whether x could be samples of N(alpha data, sigma^2): five standard errors.
bool plausible(const Tensor& x, double alpha, double sigma) {
  const auto [mean, variance] = moments(x);
  const double n = double(x.size());
  return std::abs(mean - alpha * data) < 5 * sigma / std::sqrt(n) &&
         std::abs(variance / (sigma * sigma) - 1) < 5 * std::sqrt(2 / n);
}

}  // namespace

TEST_CASE("chain and closed form agree in distribution", "[noise]") {
  for (const char* family :
       {"linear", "cosine", "sigmoid:beta_end=0.3", "ve:sigma_max=3", "flow"}) {
    const Schedule schedule = make_schedule(family, 10);
    for (const int t : {1, 5, 9}) {
      const NoiseLevel at = schedule.at(t);
      const Tensor closed = noised(filled({samples, 1}, data), normals({samples, 1}, 2), at);
      const Tensor chain = by_chain(schedule, t);
      CAPTURE(family, t, at.alpha, at.sigma);
      CHECK(plausible(closed, at.alpha, at.sigma));
      CHECK(plausible(chain, at.alpha, at.sigma));
      // The test notices a noise coefficient that is wrong by 2%, and a signal
      // coefficient wherever 2% of the signal is not lost in the noise.
      CHECK_FALSE(plausible(chain, at.alpha, at.sigma * 1.02));
      CHECK_FALSE(plausible(chain, at.alpha, at.sigma / 1.02));
      if (at.alpha * data > at.sigma) CHECK_FALSE(plausible(chain, at.alpha * 1.02, at.sigma));
    }
  }
}

// Steps are linear, so superposition gives the chain's coefficients exactly.
TEST_CASE("chain coefficients multiply up to the closed form's", "[noise]") {
  for (const auto& row : schedules()) {
    const Schedule schedule = make_schedule(row.name, 50);
    double signal = 1, variance = 0;
    for (int t = 1; t <= 50; ++t) {
      const auto response = [&](float x, float eps) {
        return double(
            chain_step(filled({1}, x), filled({1}, eps), schedule.at(t - 1), schedule.at(t))(0));
      };
      const double scale = response(1, 0), added = response(0, 1);
      signal *= scale;
      variance = variance * scale * scale + added * added;
      CAPTURE(row.name, t);
      CHECK(signal == Approx(schedule.at(t).alpha).epsilon(1e-5).margin(1e-12));
      CHECK(std::sqrt(variance) == Approx(schedule.at(t).sigma).epsilon(1e-5));
    }
  }
}
