#include "lib/train/picture_reading.hpp"

#include "lib/image/alike.hpp"
#include "lib/train/resume.hpp"

namespace diffusion {
namespace {

Opacity opacity_of(const JsonAt& value) {
  const auto opacity = parse_opacity(value.text());
  if (!opacity) value.refuse("\"flatten=COLOUR\" or \"drop\"");
  return *opacity;
}

SixteenBits sixteen_of(const JsonAt& value) {
  const std::string how = value.text();
  if (how != "scale" && how != "pillow") value.refuse("\"scale\" or \"pillow\"");
  return how == "pillow" ? SixteenBits::pillow : SixteenBits::scale;
}

}  // namespace

PictureReading picture_reading(const JsonAt& data) {
  PictureReading reading;
  if (const auto opacity = data.find("alpha")) reading.opacity = opacity_of(*opacity);
  if (const auto orient = data.find("orient")) reading.orient = orient->flag();
  if (const auto sixteen = data.find("16_bit")) reading.sixteen = sixteen_of(*sixteen);
  return reading;
}

PictureReading trained_reading(const ModelFile& file) {
  const auto config = recorded_config(file);
  if (!config) return {};
  const auto data = JsonAt(*config, file.name()).find("data");
  return data ? picture_reading(*data) : PictureReading{};
}

ImageSetOptions as_trained(ImageSetOptions given, const Model& model) {
  if (model.numbers) {
    given.values = model.units.any() ? ArrayValues::as_they_are : ArrayValues::by_channels;
    given.expected = {model.shape[0], model.shape[1], model.shape[2]};
    return given;
  }
  if (!model.file) return given;
  const PictureReading trained = trained_reading(*model.file);
  if (!given.opacity) given.opacity = trained.opacity;
  given.orient |= trained.orient;
  given.sixteen = given.sixteen.value_or(trained.sixteen);
  return given;
}

}  // namespace diffusion
