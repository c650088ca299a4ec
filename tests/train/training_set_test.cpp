#include "lib/train/load_training_set.hpp"

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

Image image_of(std::size_t h, std::size_t w, std::vector<float> pixels,
               Depth depth = Depth::uint8) {
  Tensor tensor(Shape{h, w, pixels.size() / (h * w)});
  std::copy(pixels.begin(), pixels.end(), tensor.begin());
  return {tensor, depth};
}

ImageEntry entry(const std::string& name, Image image) {
  return {name, 0, std::nullopt, [image] { return image; }};
}

ImageEntry bad_entry(const std::string& name) {
  return {name, 0, std::nullopt, [name]() -> Image { throw Error(name + ": is broken"); }};
}

ImageSet set_of(std::vector<ImageEntry> entries) {
  auto at = std::make_shared<std::size_t>(0);
  const std::size_t count = entries.size();
  return {[entries = std::move(entries), at]() -> std::optional<ImageEntry> {
            if (*at == entries.size()) return std::nullopt;
            return entries[(*at)++];
          },
          count,
          {}};
}

std::vector<float> pixels_of(const TrainingSet& images, std::size_t index,
                             TrainingSet::Side side = TrainingSet::Side::as_is) {
  std::vector<float> out(images.image_size());
  images.copy(index, side, out);
  return out;
}

float of_byte(int value) { return float(value / 127.5 - 1); }

}  // namespace

TEST_CASE("8-bit images are kept as bytes, exactly", "[train]") {
  TrainingSet images(1, 256, 1);
  std::vector<float> all;
  for (int value = 0; value < 256; ++value) all.push_back(of_byte(value));
  images.add(all, Depth::uint8);
  CHECK(images.memory() == 256);
  CHECK(pixels_of(images, 0) == all);
}

TEST_CASE("a deeper image turns the whole set to floats", "[train]") {
  const auto loaded =
      load_training_set(set_of({entry("a", image_of(1, 2, {-1, of_byte(200)})),
                                entry("b", image_of(1, 2, {0.1234567f, 3}, Depth::float32)),
                                entry("c", image_of(1, 2, {1, of_byte(3)}))}));
  CHECK(loaded.images.size() == 3);
  CHECK(pixels_of(loaded.images, 0) == std::vector<float>{-1, of_byte(200)});
  CHECK(pixels_of(loaded.images, 1) == std::vector<float>{0.1234567f, 3});
  CHECK(pixels_of(loaded.images, 2) == std::vector<float>{1, of_byte(3)});
}

TEST_CASE("mirrored images keep rows and channels", "[train]") {
  TrainingSet images(2, 2, 3);
  images.add(std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, Depth::float32);
  CHECK(pixels_of(images, 0, TrainingSet::Side::mirrored) ==
        std::vector<float>{3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8});
}

TEST_CASE("alpha is dropped, and grey joins colour", "[train]") {
  const auto loaded =
      load_training_set(set_of({entry("rgba", image_of(1, 1, {-1, 0.2f, 1, 0.5f}, Depth::float32)),
                                entry("grey alpha", image_of(1, 1, {0.25f, 1}, Depth::float32))}));
  CHECK(loaded.images.channels() == 3);
  CHECK(pixels_of(loaded.images, 0) == std::vector<float>{-1, 0.2f, 1});
  CHECK(pixels_of(loaded.images, 1) == std::vector<float>{0.25f, 0.25f, 0.25f});
}

TEST_CASE("images that do not fit together are named", "[train]") {
  const Image small = image_of(1, 2, {0, 0}), wide = image_of(1, 3, {0, 0, 0}),
              colour = image_of(1, 2, {0, 0, 0, 0, 0, 0});
  CHECK_THROWS_WITH(load_training_set(set_of({entry("a.png", small), entry("b.png", wide)})),
                    "b.png: is 1 x 3 pixels where a.png is 1 x 2; `size` HxW makes all images "
                    "alike");
  CHECK_THROWS_WITH(load_training_set(set_of({entry("a.png", small), entry("b.png", colour)})),
                    "b.png: has colour where a.png is grey; `rgb` or `gray` makes all images "
                    "alike");
  CHECK_THROWS_WITH(load_training_set(set_of({})), "there are no images to train on");
  CHECK_THROWS_WITH(load_training_set(set_of({bad_entry("a.png")})),
                    "a.png: is broken (and nothing else could be read)");
}

TEST_CASE("a bad image is left out and named", "[train]") {
  const auto loaded = load_training_set(
      set_of({entry("a", image_of(1, 1, {1})), bad_entry("b"), entry("c", image_of(1, 1, {-1}))}));
  CHECK(loaded.failures == std::vector<std::string>{"b: is broken"});
  CHECK(loaded.images.size() == 2);
  CHECK(pixels_of(loaded.images, 1) == std::vector<float>{-1});
}

TEST_CASE("labels are kept where they are wanted", "[train]") {
  const auto entries = [](std::optional<int> label) {
    ImageEntry labelled = entry("a", image_of(1, 1, {1}));
    labelled.label = label;
    ImageSet set = set_of({labelled, entry("b", image_of(1, 1, {-1}))});
    set.label_names = label ? std::vector<std::string>{"x", "y", "z"} : std::vector<std::string>{};
    return set;
  };
  const LoadOptions keep{.labels = LabelUse::keep};
  const auto kept = load_training_set(entries(1), keep);
  CHECK(kept.images.classes() == 3);
  CHECK(kept.images.label(0) == 1);
  CHECK(kept.images.label(1) == std::nullopt);
  const auto ignored = load_training_set(entries(1));
  CHECK(ignored.images.classes() == 0);
  CHECK(ignored.images.label_names.empty());
  CHECK_THROWS_WITH(load_training_set(entries({}), keep), Contains("have no labels of their own"));
  CHECK_THROWS_WITH(load_training_set(entries(100'000), keep),
                    "a: has the label 100000; labels are numbers from 0 to 99999");
}

TEST_CASE("grey images that join colour keep their labels", "[train]") {
  ImageEntry colour = entry("a", image_of(1, 1, {1, 0, 0})), grey = entry("b", image_of(1, 1, {1}));
  colour.label = 0;
  grey.label = 1;
  const auto loaded = load_training_set(set_of({colour, grey}), {.labels = LabelUse::keep});
  CHECK(loaded.images.label(1) == 1);
}

TEST_CASE("8-bit images stay on their values behind a deeper one", "[train]") {
  const Image between = image_of(1, 1, {0.1234f});
  const auto loaded = load_training_set(
      set_of({entry("a", between), entry("b", image_of(1, 1, {0.5f}, Depth::float32)),
              entry("c", between)}));
  CHECK(pixels_of(loaded.images, 0) == std::vector<float>{of_byte(143)});
  CHECK(pixels_of(loaded.images, 2) == std::vector<float>{of_byte(143)});
}

TEST_CASE("images are read as the configuration makes them alike", "[train]") {
  TrainConfig::Data data{};
  data.size = ImageSize{28, 20};
  data.channels = 1;
  data.labels = "own";
  const ImageSetOptions given{.layout = "nhwc", .size = {{9, 9}}, .list = FileList{"list", '\n'}};
  const ImageSetOptions reading = training_reading(given, data);
  CHECK(reading.layout == "nhwc");
  CHECK(reading.size == ImageSize{28, 20});
  CHECK(reading.channels == 1);
  CHECK_FALSE(reading.crop);
  CHECK_FALSE(reading.labels);  // its own
  CHECK(reading.list);

  const TrainingSet grey(28, 20, 1), colour(28, 20, 3);
  data.validation_data = "held-out";
  data.channels.reset();
  data.labels = "prefix";
  CHECK_FALSE(validation_reading(given, data, grey).list);
  CHECK_FALSE(validation_reading(given, data, grey).channels);
  CHECK(validation_reading(given, data, colour).channels == 3);
  CHECK(validation_reading(given, data, grey).labels == "prefix");
  data.labels = "labels.npy";
  CHECK_THROWS_WITH(validation_reading(given, data, grey),
                    "held-out: has no labels in labels.npy, which goes with the images trained "
                    "on; `labels` own or prefix serves both");
}

TEST_CASE("images that are validated on are made to match those trained on", "[train]") {
  const std::vector<float> pixels(2, 0.0f);
  TrainingSet trained(1, 2, 1), others(1, 2, 1);
  trained.add(pixels, Depth::uint8, 1);
  trained.label_names = {"round", "square"};
  others.add(pixels, Depth::uint8, 0);
  others.label_names = {"square"};
  match_images(others, trained, "v");
  CHECK(others.label(0) == 1);
  CHECK(others.classes() == 2);
  CHECK(others.label_names == trained.label_names);
  others.label_names = {"blue"};
  CHECK_THROWS_WITH(match_images(others, trained, "v"), Contains("v: has a class 'blue'"));
  TrainingSet wide(1, 3, 1);
  CHECK_THROWS_WITH(match_images(wide, trained, "v"),
                    "v: its images are 1 x 3 x 1 where those trained on are 1 x 2 x 1");
}
