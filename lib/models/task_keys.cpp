#include "lib/models/task_keys.hpp"

#include "lib/base/error.hpp"

namespace diffusion {
namespace {

constexpr std::int64_t most_side = 1 << 16;

void set_or_check(Json& model, const char* key, const Json& value) {
  if (!model.contains(key)) model[key] = value;
  if (model[key] != value)
    throw Error("model." + std::string(key) + ": is " + shown(model[key]) +
                " where the images need " + shown(value));
}

}  // namespace

Json sides_to_json(const ImageSides& sides) {
  return sides.height == sides.width ? Json(sides.height)
                                     : Json::array({sides.height, sides.width});
}

std::optional<ImageSides> take_sample_size(ConfigKeys& keys) {
  const auto side = [](const JsonAt& at) { return std::size_t(at.whole(1, most_side)); };
  const auto value = keys.find("sample_size");
  if (!value || value->json().is_null()) return std::nullopt;
  if (value->json().is_number()) return ImageSides{side(*value), side(*value)};
  if (!value->json().is_array() || value->json().size() != 2)
    value->refuse("null, a whole number or [height, width]");
  const auto sides = value->array();
  return ImageSides{side(sides[0]), side(sides[1])};
}

void fit_images(Json& model, const NetworkTask& task) {
  set_or_check(model, "sample_size", sides_to_json(task.sides));
  set_or_check(model, "in_channels", task.channels);
  if (task.variance == VarianceOutput::none && model.contains("out_channels") &&
      model["out_channels"] == 2 * task.channels)
    throw Error("model.out_channels: is " + shown(model["out_channels"]) +
                ", of a network that predicts a variance too; `loss` hybrid trains it");
  set_or_check(model, "out_channels",
               task.channels * (task.variance == VarianceOutput::learned ? 2 : 1));
}

void fit_classes(Json& model, const char* key, std::size_t classes, std::size_t value) {
  if (classes == 0 && JsonAt(model, "model").find(key))
    throw Error("model." + std::string(key) + ": is " + shown(model[key]) +
                " where the images have no classes; `labels` gives them some");
  if (classes > 0) set_or_check(model, key, value);
}

}  // namespace diffusion
