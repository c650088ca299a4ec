#include "lib/image/cifar.hpp"

#include "lib/base/error.hpp"
#include "lib/image/image_set.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

/// Records of `label_bytes` and three planes: red 0, 1, 2, ..., green all 51, blue all 255.
std::string batch(const std::vector<std::string>& label_bytes) {
  std::string bytes;
  for (const auto& labels : label_bytes) {
    bytes += labels;
    for (int i = 0; i < 1024; ++i) bytes += char(i);
    bytes += std::string(1024, char(51)) + std::string(1024, char(255));
  }
  return bytes;
}

}  // namespace

TEST_CASE("CIFAR-10 batches are labelled colour images", "[image]") {
  test::Scratch scratch;
  const auto path = scratch.write("data_batch_1.bin", batch({"\x07", "\x02"}));
  scratch.write("batches.meta.txt", "airplane\nautomobile\nbird\n\n");
  const ImageSet set = open_images({path});
  CHECK(set.count == 2u);
  CHECK(set.label_names == std::vector<std::string>{"airplane", "automobile", "bird"});
  set.next();
  const auto entry = set.next();
  CHECK(entry->label == 2);
  const Image image = entry->load();
  REQUIRE(image.pixels.shape() == Shape{32, 32, 3});
  CHECK(image.pixels(1, 3, 0) == 35 / 127.5f - 1);
  CHECK(image.pixels(1, 3, 1) == 51 / 127.5f - 1);
  CHECK(image.pixels(1, 3, 2) == 1);
}

TEST_CASE("CIFAR-100 files are labelled with their fine classes", "[image]") {
  test::Scratch scratch;
  const ImageSet set = open_images({scratch.write("train.bin", batch({"\x03\x2a"}))});
  const auto entry = set.next();
  CHECK(entry->label == 42);
  CHECK(entry->load().pixels(0, 5, 0) == 5 / 127.5f - 1);
}

TEST_CASE("other files named .bin are not taken for CIFAR", "[image]") {
  test::Scratch scratch;
  CHECK_THROWS_WITH(open_images({scratch.write("a.bin", std::string(3072, 'x'))}),
                    Contains("a.bin: is text, not pictures"));
  CHECK_THROWS_WITH(open_images({scratch.write("b.bin", std::string(3073, 'x'))}),
                    Contains("b.bin: label 120, so not a CIFAR file"));
}
