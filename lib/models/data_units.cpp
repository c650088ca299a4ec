#include "lib/models/data_units.hpp"

#include <cassert>
#include <cmath>
#include <string>

namespace diffusion {
namespace {

std::vector<double> numbers_at(const JsonAt& data, const char* key, std::size_t channels) {
  std::vector<double> numbers = data[key].numbers();
  bool sound = numbers.size() == channels;
  for (const double number : numbers) sound &= std::isfinite(number);
  if (!sound)
    data[key].refuse("an array of " + std::to_string(channels) + " numbers, one a channel");
  return numbers;
}

}  // namespace

void DataUnits::to_network(std::span<float> values) const {
  if (!any()) return;
  assert(values.size() % scale.size() == 0);
  for (std::size_t i = 0, c = 0; i < values.size(); ++i, c = c + 1 == scale.size() ? 0 : c + 1)
    values[i] = float((double(values[i]) - offset[c]) * scale[c]);
}

void DataUnits::to_data(std::span<float> values) const {
  if (!any()) return;
  assert(values.size() % scale.size() == 0);
  for (std::size_t i = 0, c = 0; i < values.size(); ++i, c = c + 1 == scale.size() ? 0 : c + 1)
    values[i] = float(double(values[i]) / scale[c] + offset[c]);
}

Tensor DataUnits::to_network(Tensor values) const {
  to_network(std::span(values.data(), values.size()));
  return values;
}

Tensor DataUnits::to_data(Tensor values) const {
  to_data(std::span(values.data(), values.size()));
  return values;
}

double DataUnits::bits() const {
  if (!any()) return 0;
  double sum = 0;
  for (const double each : scale) sum -= std::log2(each);
  return sum / double(scale.size());
}

DataUnits data_units(const JsonAt& data) {
  if (!data.find("scale") && !data.find("offset")) return {};
  const auto channels = std::size_t(data["channels"].whole(1));
  DataUnits units{.offset = numbers_at(data, "offset", channels),
                  .scale = numbers_at(data, "scale", channels)};
  for (const double each : units.scale)
    if (!(each >= 1e-30 && each <= 1e30)) data["scale"].refuse("numbers from 1e-30 to 1e30");
  return units;
}

Json to_json(const DataUnits& units) {
  if (!units.any()) return Json::object();
  return {{"offset", units.offset}, {"scale", units.scale}};
}

}  // namespace diffusion
