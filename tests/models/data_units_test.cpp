// What the numbers of data are to a network.
#include "lib/models/data_units.hpp"

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

DataUnits from(const std::string& text, std::size_t channels) {
  Json data = parse_json(text, "data");
  data["channels"] = channels;
  return data_units(JsonAt(data, "m.safetensors"));
}

}  // namespace

TEST_CASE("a network sees (x - offset) scale of each channel, and data come back", "[models]") {
  const DataUnits units{.offset = {10, -1}, .scale = {0.5, 2}};
  Tensor points(Shape{2, 1, 1, 2}, 0.0f);
  points.data()[0] = 14, points.data()[1] = -1, points.data()[2] = 10, points.data()[3] = 0;
  const Tensor seen = units.to_network(points);
  CHECK(std::vector<float>(seen.begin(), seen.end()) == std::vector<float>{2, 0, 0, 2});
  CHECK((units.to_data(seen) == points));
  CHECK(units.bits() == Approx(0));  // -log2(1/2) and -log2(2)
  CHECK((DataUnits{}.to_network(points) == points));
}

TEST_CASE("units are written and read, and refused where they do not fit", "[models]") {
  const DataUnits units{.offset = {10, -1}, .scale = {2, 0.5}};
  CHECK(from(one_line(to_json(units)), 2) == units);
  CHECK_FALSE(from("{}", 2).any());
  CHECK_THROWS_WITH(from(R"({"offset": [1], "scale": [1, 2]})", 2),
                    StartsWith("m.safetensors: offset: must be an array of 2 numbers"));
  CHECK_THROWS_WITH(from(R"({"offset": [1, 1], "scale": [1, 0]})", 2),
                    StartsWith("m.safetensors: scale: must be numbers from 1e-30 to 1e30"));
  CHECK_THROWS_AS(from(R"({"scale": [1, 2]})", 2), Error);
}
