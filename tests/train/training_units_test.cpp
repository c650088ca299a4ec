// In what units points are trained on.
#include "lib/train/training_units.hpp"

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

/// Two columns: 998, 1002, far from 0, and a constant.
TrainingSet points() {
  TrainingSet set(1, 1, 2);
  set.add(std::vector<float>{998, 5}, Depth::float32);
  set.add(std::vector<float>{1002, 5}, Depth::float32);
  return set;
}

TrainConfig::Data configured(std::optional<std::vector<double>> offset,
                             std::optional<std::vector<double>> scale) {
  TrainConfig::Data data{};
  data.offset = std::move(offset);
  data.scale = std::move(scale);
  return data;
}

}  // namespace

TEST_CASE("columns are standardised, each by itself", "[train]") {
  const DataUnits units = training_units(configured({}, {}), points());
  CHECK(units.offset == std::vector<double>{1000, 5});
  CHECK(units.scale == std::vector<double>{0.5, 1});  // what never changes is not stretched
}

TEST_CASE("a number serves all columns, or there is one for each", "[train]") {
  CHECK(training_units(configured({{3}}, {{2, 4}}), points()) ==
        DataUnits{.offset = {3, 3}, .scale = {2, 4}});
  CHECK(training_units(configured({}, {{2}}), points()) ==
        DataUnits{.offset = {0, 0}, .scale = {2, 2}});
  CHECK(training_units(configured({{2}}, {}), points()) ==
        DataUnits{.offset = {2, 2}, .scale = {1, 1}});
  CHECK_THROWS_WITH(training_units(configured({}, {{1, 2, 3}}), points()),
                    "data.scale: has 3 numbers where the data have 2 channels; give one, or 2");
}

TEST_CASE("a set is copied as its units have it", "[train]") {
  TrainingSet set = points();
  set.units = {.offset = {1000, 0}, .scale = {0.5, 5}};
  std::vector<float> seen(2), stored(2);
  set.copy(0, {}, seen);
  set.copy_stored(0, {}, stored);
  CHECK(seen == std::vector<float>{-1, 25});
  CHECK(stored == std::vector<float>{998, 5});
  set.in_memory().copy(0, {}, seen);  // not twice
  CHECK(seen == std::vector<float>{-1, 25});
}
