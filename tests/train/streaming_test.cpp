#include <atomic>
#include <set>
#include <thread>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/train/load_training_set.hpp"
#include "lib/train/trainer.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/linear_network.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

/// Pictures of every kind a colour set may have: 8 bits, more bits, grey, with opacity.
Image picture(std::size_t i) {
  const std::size_t channels = i % 4 == 1 ? 1 : i % 4 == 2 ? 4 : 3;
  Image image{Tensor(Shape{3, 4, channels}), i % 5 == 3 ? Depth::float32 : Depth::uint8};
  for (std::size_t k = 0; k < image.pixels.size(); ++k)
    image.pixels.data()[k] = float((i * 37 + k * 11) % 101) / 50 - 1;  // on no 8-bit value
  return image;
}

ImageSet pictures(std::size_t count) {
  ImageSet set;
  set.count = count;
  set.next = [count, at = std::size_t(0)]() mutable -> std::optional<ImageEntry> {
    if (at == count) return std::nullopt;
    const std::size_t i = at++;
    return ImageEntry{std::to_string(i), i, int(i % 3), [i]() -> Image {
                        if (i == 6) throw Error("6: is broken");
                        return picture(i);
                      }};
  };
  return set;
}

std::vector<float> pixels_of(const TrainingSet& images, std::size_t index,
                             const TrainingSet::View& view) {
  std::vector<float> out(images.image_size());
  images.copy(index, view, out);
  return out;
}

const LoadOptions streaming{.labels = LabelUse::keep, .memory = 100};
const LoadOptions holding{.labels = LabelUse::keep};

}  // namespace

TEST_CASE("a streamed set is the set that is held", "[train][stream]") {
  const LoadedImages held = load_training_set(pictures(23), holding);
  for (const bool counted : {true, false}) {
    ImageSet set = pictures(23);
    if (!counted) set.count.reset();
    const LoadedImages streamed = load_training_set(set, streaming);
    CHECK(!held.images.streamed());
    REQUIRE(streamed.images.streamed());
    CHECK(streamed.images.memory() == 0);
    CHECK(streamed.failures == held.failures);
    REQUIRE(streamed.images.size() == 22);
    CHECK(streamed.images.shape() == held.images.shape());
    CHECK(streamed.images.classes() == 3);
    for (std::uint32_t i = 0; i < 22; ++i) {
      CHECK(streamed.images.label(i) == held.images.label(i));
      for (const auto& view : {TrainingSet::View(), {TrainingSet::Side::mirrored, 1, -2}})
        CHECK(pixels_of(streamed.images, i, view) == pixels_of(held.images, i, view));
    }
    const std::vector<std::uint32_t> some{20, 3, 3};
    const TrainingSet part = streamed.images.subset(some), loaded = part.in_memory();
    CHECK(!loaded.streamed());
    CHECK(loaded.label(0) == held.images.label(20));
    CHECK(pixels_of(part, 1, {}) == pixels_of(held.images, 3, {}));
    CHECK(pixels_of(loaded, 2, {}) == pixels_of(held.images, 3, {}));
  }
}

TEST_CASE("training on a streamed set ends in the bytes of training on a held one",
          "[train][stream]") {
  const test::Scratch scratch;
  Json config = default_config();
  for (const char* setting : {"train.batch=5", "train.steps=12", "data.flip=true", "data.shift=1"})
    set_config(config, setting);
  const auto run = [&](const LoadOptions& options, const std::string& name) {
    const LoadedImages loaded = load_training_set(pictures(23), options);
    Trainer trainer(std::make_unique<test::LinearNetwork>(), loaded.images,
                    make_schedule("cosine:T=10"), config);
    for (int i = 0; i < 12; ++i) trainer.step();
    trainer.save(scratch / name);
    return read_file(scratch / name);
  };
  const bool same = run(holding, "held") == run(streaming, "streamed");
  CHECK(same);
}

TEST_CASE("expected images are decoded once, in the background or by who takes them",
          "[train][stream]") {
  std::atomic<int> decoded = 0;
  ImageStream stream([&](std::uint32_t image) {
    ++decoded;
    return ImageStream::Pixels{float(image)};
  });
  for (int round = 0; round < 50; ++round) {
    stream.expect(std::vector<std::uint32_t>{4, 5, 4, 6});
    for (const std::uint32_t image : {4, 4, 5, 6})
      CHECK(stream.take(image) == ImageStream::Pixels{float(image)});
    CHECK(decoded == 4 * (round + 1));
  }
  CHECK(stream.take(9) == ImageStream::Pixels{9});  // not expected
  CHECK(decoded == 201);
}

TEST_CASE("images are decoded before they are taken", "[train][stream]") {
  std::atomic<int> decoded = 0;
  const auto taker = std::this_thread::get_id();
  std::atomic<bool> by_taker = false;
  ImageStream stream([&](std::uint32_t image) {
    if (std::this_thread::get_id() == taker) by_taker = true;
    ++decoded;
    return ImageStream::Pixels{float(image)};
  });
  stream.expect(std::vector<std::uint32_t>{1, 2, 3});
  while (decoded < 3) std::this_thread::yield();
  for (const std::uint32_t image : {1, 2, 3}) stream.take(image);
  CHECK(!by_taker);
}

TEST_CASE("what cannot be decoded is told to who takes it", "[train][stream]") {
  ImageStream stream([&](std::uint32_t image) -> ImageStream::Pixels {
    throw Error(std::to_string(image) + ": is gone");
  });
  stream.expect(std::vector<std::uint32_t>{1, 2});
  CHECK_THROWS_WITH(stream.take(1), "1: is gone");
  CHECK_THROWS_WITH(stream.take(3), "3: is gone");
}

TEST_CASE("a streamed image that changed is refused", "[train][stream]") {
  auto size = std::make_shared<std::size_t>(2);
  ImageSet set;
  set.count = 1;
  set.next = [size, at = 0]() mutable -> std::optional<ImageEntry> {
    if (at++ > 0) return std::nullopt;
    return ImageEntry{"a", 0, std::nullopt, [size] {
                        return Image{Tensor(Shape{*size, 2, 1}), Depth::uint8};
                      }};
  };
  const LoadedImages loaded = load_training_set(set, {.memory = 1});
  *size = 3;
  CHECK_THROWS_WITH(
      pixels_of(loaded.images, 0, {}),
      "image 1 of those trained on is 3 x 2 x 1 now, and was not when training began");
}

TEST_CASE("what passes by but once must fit into memory", "[train][stream]") {
  ImageSet set = pictures(23);
  set.passing = true;
  CHECK_THROWS_WITH(load_training_set(set, streaming), Contains("more memory than 100 B"));
  set = pictures(5);
  set.passing = true;
  CHECK(load_training_set(set, holding).images.size() == 5);
}
