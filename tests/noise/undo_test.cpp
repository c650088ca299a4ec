// Worked values: alpha_bar = 0.36 is alpha = 0.6, sigma = 0.8.
#include "lib/noise/undo.hpp"

#include "lib/noise/combine.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using diffusion::testing::filled;

namespace {

Tensor one(float value) { return filled(Shape{1}, value); }

float value_of(std::string_view name, const Denoised& denoised, const Tensor& x,
               const UndoPlace& place) {
  return undo_quantity(name, denoised, x, place)(0);
}

}  // namespace

TEST_CASE("everything that x_t and eps determine", "[noise]") {
  const UndoPlace place = undo_place(0.36, std::nullopt);
  CHECK(place.to.clean());
  const Tensor x = one(1.2f);
  const Denoised denoised = undone(Prediction::eps, one(0.5f), x, place.at);
  CHECK(value_of("x0", denoised, x, place) == Approx(0.8 / 0.6));
  CHECK(value_of("eps", denoised, x, place) == Approx(0.5));
  CHECK(value_of("v", denoised, x, place) == Approx(0.6 * 0.5 - 0.8 * 0.8 / 0.6));
  CHECK(value_of("u", denoised, x, place) == Approx(0.5 - 0.8 / 0.6));
  CHECK(value_of("score", denoised, x, place) == Approx(-0.5 / 0.8));
  CHECK(value_of("mean", denoised, x, place) == Approx(0.8 / 0.6));  // all the way at once
  CHECK_THROWS_WITH(value_of("x1", denoised, x, place), Contains("x1"));
}

TEST_CASE("every quantity, taken for a prediction, leads back to the same x0", "[noise]") {
  const Schedule schedule = make_schedule("flow:T=10");
  const UndoPlace place = undo_place(schedule, 7, 3);
  const Tensor x = testing::normals({4}, 1), eps = testing::normals({4}, 2);
  const Denoised denoised = undone(Prediction::eps, eps, x, place.at);
  for (const std::string_view name : undo_quantities) {
    if (name == "mean") continue;
    CAPTURE(name);
    const Tensor predicted = undo_quantity(name, denoised, x, place);
    const Denoised again = undone(parse_prediction(std::string(name)), predicted, x, place.at);
    CHECK(testing::largest_difference(again.x0, denoised.x0) < 1e-5);
  }
}

TEST_CASE("where there is little noise, eps comes from the prediction itself", "[noise]") {
  const UndoPlace place = undo_place(1 - 1e-10, std::nullopt);
  const Tensor x = one(1000);
  const Denoised denoised = undone(Prediction::score, one(2), x, place.at);
  CHECK(value_of("eps", denoised, x, place) == Approx(-2e-5).epsilon(1e-6));
  CHECK(value_of("score", denoised, x, place) == Approx(2).epsilon(1e-6));
}

TEST_CASE("the mean of a reverse step is DDPM's", "[noise]") {
  // (x_t - beta / sqrt(1 - alpha_bar) eps) / sqrt(1 - beta), Ho et al. 2020, Eq. 11.
  const UndoPlace place = undo_place(0.5, 0.1);
  CHECK(place.to.alpha * place.to.alpha == Approx(0.5 / 0.9));
  const Tensor x = one(0.7f);
  const Denoised denoised = undone(Prediction::eps, one(0.2f), x, place.at);
  const double expected = (0.7 - 0.1 / std::sqrt(0.5) * 0.2) / std::sqrt(0.9);
  CHECK(value_of("mean", denoised, x, place) == Approx(expected));
}

TEST_CASE("clipping limits x0, and the rest follows", "[noise]") {
  const UndoPlace place = undo_place(0.36, std::nullopt);
  const Tensor x = one(1.2f);
  const Denoised denoised = undone(Prediction::eps, one(0.5f), x, place.at, UndoClip::limited);
  CHECK(value_of("x0", denoised, x, place) == 1);
  CHECK(value_of("eps", denoised, x, place) == Approx((1.2 - 0.6) / 0.8));
}

TEST_CASE("before the first step there is clean data", "[noise]") {
  CHECK(undo_place(0.36, 0.64).to.clean());
  CHECK(undo_place(0.7, 0.3).to.clean());  // 0.7/(1 - 0.3) is not quite 1
  CHECK(!undo_place(0.36, 0.63).to.clean());
  CHECK_THROWS_WITH(undo_place(0.36, 0.65), StartsWith("`beta` 0.65: needs a number above 0"));
  CHECK_THROWS_WITH(undo_place(0.36, 0), StartsWith("`beta` 0: needs"));
}

TEST_CASE("where there is nothing to undo, or no way to", "[noise]") {
  const Schedule schedule = make_schedule("cosine:T=10");
  CHECK(undo_place(schedule, 5, std::nullopt).to.lambda == schedule.at(4).lambda);
  CHECK_THROWS_WITH(undo_place(schedule, 0, std::nullopt), "`t` 0: the schedule has steps 1..10");
  CHECK_THROWS_WITH(undo_place(schedule, 11, std::nullopt), "`t` 11: the schedule has steps 1..10");
  CHECK_THROWS_WITH(undo_place(schedule, 5, 5), "`to` 5: needs a step before 5");
  CHECK_THROWS_WITH(undo_place(schedule, 5, -1), "`to` -1: needs a step before 5");
  CHECK_THROWS_WITH(undo_place(1, std::nullopt), "`alpha-bar` 1: needs a number in [0, 1)");
  CHECK_THROWS_WITH(undo_place(-0.5, std::nullopt), "`alpha-bar` -0.5: needs a number in [0, 1)");
  CHECK_THROWS_WITH(
      undo_place(0.5, 0.9),
      "`beta` 0.9: needs a number above 0, and at most 1 - alpha_bar, 0.5, as it is at "
      "the first step");
  CHECK_THROWS_WITH(undone(Prediction::eps, one(0), one(0), schedule.at(0)),
                    Contains("no noise to undo"));
  CHECK_THROWS_WITH(undone(Prediction::eps, one(0), one(0), undo_place(0, std::nullopt).at),
                    Contains("pure noise") && Contains("eps does not tell x0"));
  CHECK_THROWS_WITH(undo_place(0, 0.5), Contains("nothing of the step before pure noise"));
  CHECK_THROWS_WITH(undone(Prediction::eps, one(2), one(1), undo_place(1e-300, std::nullopt).at),
                    Contains("x0 is too large for float32"));
}
