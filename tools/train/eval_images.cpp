#include "tools/train/eval_images.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/train/class_match.hpp"

namespace diffusion {
namespace {

ImageSetOptions options_of(const EvalRequest& request, const Shape& shape) {
  ImageSetOptions options = request.reading;
  if (!options.channels && (shape[2] == 1 || shape[2] == 3)) options.channels = shape[2];
  if (request.labels && request.labels != "own") options.labels = request.labels;
  return options;
}

/// Adds an image; throws Error for one that the model cannot judge.
void take(EvalImages& images, const ImageEntry& entry, Image image, const Shape& shape) {
  if (image.pixels.shape() != shape)
    throw Error(entry.name + ": is " + describe(image.pixels.shape()) + " where the model needs " +
                describe(shape) + "; --size HxW resizes");
  if (image.depth != Depth::uint8) images.decoder = Decoder::density;
  images.pixels.push_back(std::move(image.pixels));
  images.labels.push_back(entry.label);
}

Classes classes_of(const EvalImages& images) {
  int highest = -1;
  for (const auto& label : images.labels) highest = std::max(highest, label.value_or(-1));
  if (highest < 0)
    throw Error(
        "the images have no labels of their own; --labels prefix takes them from file names, "
        "--labels FILE from a file");
  return {std::max(std::size_t(highest) + 1, images.label_names.size()), images.label_names};
}

void number_as(const Model& model, EvalImages& images, const std::string& culprit) {
  const Classes theirs = classes_of(images);
  if (model.labels == 0) return;
  const auto numbers =
      match_classes(theirs, {std::size_t(model.labels), model.label_names}, culprit);
  for (auto& label : images.labels)
    if (label) label = numbers[std::size_t(*label)];
  if (!model.label_names.empty()) images.label_names = model.label_names;
}

}  // namespace

Tensor EvalImages::batch(std::size_t first, std::size_t count) const {
  const Shape& shape = pixels[first].shape();
  Tensor batch(Shape{count, shape[0], shape[1], shape[2]});
  for (std::size_t n = 0; n < count; ++n)
    std::ranges::copy(pixels[first + n], batch.data() + n * pixels[first + n].size());
  return batch;
}

EvalImages load_eval_images(const cli::Tool& tool, const EvalRequest& request, const Model& model) {
  const ImageSet set = open_images(request.data, options_of(request, model.shape));
  EvalImages images;
  while (images.size() < request.count) {
    const auto entry = set.next();
    if (!entry) break;
    std::optional<Image> image;
    try {
      image = entry->load();
    } catch (const Error& e) {
      tool.complain(e.what());
      ++images.failures;
      continue;
    }
    take(images, *entry, std::move(*image), model.shape);
  }
  if (images.size() == 0) throw Error("there is no image that " + request.model + " could judge");
  if (request.labels) {
    images.label_names = set.label_names;
    number_as(model, images, request.data.front());
  } else {
    images.labels.clear();
  }
  return images;
}

}  // namespace diffusion
