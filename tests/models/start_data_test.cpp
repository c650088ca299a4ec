#include "lib/models/start_data.hpp"

#include <sys/stat.h>

#include <cmath>
#include <thread>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/image/image_file.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "lib/tensor/stack.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::filled;
using testing::largest_difference;
using testing::normals;

namespace {

const Shape sample{2, 3, 1};

std::string array(const test::Scratch& scratch, const Tensor& values) {
  write_npy(scratch / "x.npy", values);
  return scratch / "x.npy";
}

Model model_of(bool images) {
  return {.shape = sample, .schedule = {}, .images = images, .denoiser = {}};
}

}  // namespace

TEST_CASE("states are arrays of floats of the model's samples", "[models]") {
  const test::Scratch scratch;
  const Tensor states = normals({4, 2, 3, 1}, 1);
  const auto read = read_states(sample, array(scratch, states));
  REQUIRE(read.has_value());
  CHECK(largest_difference(read->pixels, states) == 0);
  CHECK_THROWS_WITH(read_states(sample, array(scratch, normals({4, 3, 2, 1}, 1))),
                    Contains("x.npy: is 4 x 3 x 2 x 1 where the model needs N x 2 x 3 x 1"));
  write_image(scratch / "a.png", {filled(sample, 0), Depth::uint8});
  CHECK_FALSE(read_states(sample, scratch / "a.png").has_value());
}

TEST_CASE("states may be a folder of arrays, one a sample, in the order of their names",
          "[models]") {
  const test::Scratch scratch;
  const Tensor states = normals({3, 2, 3, 1}, 1);
  for (std::size_t n : {2, 0, 1})
    scratch.write("s/" + std::to_string(n) + ".npy", npy_bytes(unstacked(states, n)));
  const auto read = read_states(sample, scratch / "s");
  REQUIRE(read.has_value());
  CHECK(largest_difference(read->pixels, states) == 0);
  CHECK(largest_difference(read_clean_images(model_of(false), scratch / "s", {}).pixels, states) ==
        0);
  // To a model of images they are pictures, which have a range.
  CHECK_THROWS_WITH(read_clean_images(model_of(true), scratch / "s", {}),
                    Contains("where -1 to 1 is expected"));
  CHECK_THROWS_WITH(read_states({3, 2, 1}, scratch / "s"),
                    Contains("s: is 3 x 2 x 3 x 1 where the model needs N x 3 x 2 x 1"));
  scratch.write("s/3.npy", npy_bytes(filled({3, 2, 1}, 0)));
  CHECK_THROWS_WITH(read_states(sample, scratch / "s"),
                    Contains("s: 3.npy: is 3 x 2 x 1 where the samples before are 2 x 3 x 1"));
  // Bytes are pictures.
  scratch.write("b/0.npy", npy_bytes(NpyType::uint8, {2, 3, 1}, "abcdef"));
  CHECK_FALSE(read_states(sample, scratch / "b").has_value());
}

TEST_CASE("states that are not finite are left out by name", "[models]") {
  const test::Scratch scratch;
  Tensor states = normals({4, 2, 3, 1}, 1);
  states.data()[6] = NAN;
  states.data()[18] = HUGE_VALF;
  const std::string path = array(scratch, states), reason = ": holds values that are not finite";
  const auto read = read_states(sample, path);
  REQUIRE(read.has_value());
  CHECK(read->names == std::vector{path + "[0]", path + "[2]"});
  CHECK(largest_difference(unstacked(read->pixels, 1), unstacked(states, 2)) == 0);
  REQUIRE(read->failures.size() == 2);
  CHECK_THAT(read->failures[0], StartsWith(path + "[1]" + reason));
  CHECK_THAT(read->failures[1], StartsWith(path + "[3]" + reason));
  CHECK(read_states(sample, path, 1)->failures.empty());  // the others were not asked for
  CHECK(read_clean_images(model_of(false), path, {}).failures == read->failures);

  for (std::size_t n : {0, 1, 2})
    scratch.write("s/" + std::to_string(n) + ".npy", npy_bytes(unstacked(states, n)));
  const auto samples = read_states(sample, scratch / "s");
  REQUIRE(samples.has_value());
  CHECK(samples->names == std::vector<std::string>{"0.npy", "2.npy"});
  REQUIRE(samples->failures.size() == 1);
  CHECK_THAT(samples->failures[0], StartsWith(scratch / ("s/1.npy" + reason)));

  CHECK_THROWS_WITH(read_states(sample, array(scratch, filled({2, 2, 3, 1}, NAN))),
                    StartsWith(path + "[0]" + reason));
}

TEST_CASE("draws have an axis more, and all values must be finite", "[models]") {
  Tensor draws = normals({2, 3, 2, 3, 1}, 1);
  CHECK_NOTHROW(need_samples_of(draws, 2, sample, "z.npy"));
  CHECK_THROWS_WITH(need_samples_of(draws, 1, sample, "z.npy"), Contains("needs N x 2 x 3 x 1"));
  CHECK_THROWS_WITH(need_samples_of(normals({2, 2, 3, 1}, 1), 2, sample, "z.npy"),
                    Contains("needs draws x N x 2 x 3 x 1"));
  draws.data()[4] = HUGE_VALF;
  CHECK_THROWS_WITH(need_samples_of(draws, 2, sample, "z.npy"),
                    StartsWith("z.npy: value 4 is not finite"));
}

TEST_CASE("clean data of models that are not of images is taken as it is", "[models]") {
  const test::Scratch scratch;
  const Tensor far = filled({2, 2, 3, 1}, 5);
  const ModelImages values = read_clean_images(model_of(false), array(scratch, far), {});
  CHECK(largest_difference(values.pixels, far) == 0);
  CHECK(values.size() == 2);
  CHECK_THROWS_AS(read_clean_images(model_of(true), array(scratch, far), {.layout = "nhwc"}),
                  Error);
}

TEST_CASE("an image that does not fit is left out and a mask ends it", "[models]") {
  const test::Scratch scratch;
  write_image(scratch / "a.png", {filled(sample, 0), Depth::uint8});
  write_image(scratch / "b.png", {filled({3, 3, 1}, 0), Depth::uint8});
  const ModelImages images = read_clean_images(model_of(true), scratch / "", {});
  CHECK(images.size() == 1);
  REQUIRE(images.failures.size() == 1);
  CHECK_THAT(images.failures[0], Contains("b.png: is 3 x 3 x 1 where the model needs 2 x 3 x 1"));
  CHECK_THROWS_WITH(read_mask(sample, scratch / "", {}), Contains("b.png: is 3 x 3 x 1"));
}

TEST_CASE("masks are 1 where they are half white or more", "[models]") {
  const test::Scratch scratch;
  Tensor picture = filled(sample, -1);
  picture.data()[1] = 1;
  picture.data()[2] = 0.1f;
  write_image(scratch / "mask.png", {picture, Depth::uint8});
  Tensor wanted = filled({1, 2, 3, 2}, 0);
  for (std::size_t i = 2; i < 6; ++i) wanted.data()[i] = 1;
  CHECK(largest_difference(read_mask({2, 3, 2}, scratch / "mask.png", {}), wanted) == 0);
  // The same as an array: 0 and 1, or 0 to 255.
  for (const float most : {1.f, 255.f}) {
    Tensor values(Shape{2, 3});
    std::fill(values.begin(), values.end(), 0.f);
    values.data()[1] = values.data()[2] = most;
    CHECK(largest_difference(read_mask({2, 3, 2}, array(scratch, values), {}), wanted) == 0);
  }
  Tensor one = filled({2, 3, 1}, 0);
  one.data()[1] = one.data()[2] = 1;
  scratch.write("masks/0.npy", npy_bytes(one));
  CHECK(largest_difference(read_mask({2, 3, 2}, scratch / "masks", {}), wanted) == 0);
  CHECK_THROWS_WITH(read_mask(sample, array(scratch, filled({2, 3}, 300)), {}),
                    Contains("masks are of 0 and 1"));
  CHECK_THROWS_WITH(read_mask(sample, array(scratch, filled({3, 2}, 0)), {}),
                    Contains("is 3 x 2 where masks of 2 x 3 are needed"));
}

TEST_CASE("masks lie on black where they are not opaque, and have to paint something", "[models]") {
  const test::Scratch scratch;
  Tensor paint = filled({2, 3, 4}, 1);  // white, of which one pixel shows
  for (std::size_t i = 0; i < 6; ++i) paint.data()[4 * i + 3] = i == 4 ? 1 : -1;
  write_image(scratch / "mask.png", {paint, Depth::uint8});
  Tensor wanted = filled({1, 2, 3, 1}, 0);
  wanted.data()[4] = 1;
  CHECK(largest_difference(read_mask(sample, scratch / "mask.png", {}), wanted) == 0);
  paint.data()[4 * 4 + 3] = -1;
  write_image(scratch / "mask.png", {paint, Depth::uint8});
  CHECK_THROWS_WITH(read_mask(sample, scratch / "mask.png", {}),
                    Contains("mask.png: paints nothing anew"));
}

TEST_CASE("states and masks may come through a pipe", "[models]") {
  const test::Scratch scratch;
  const std::string pipe = scratch / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  const auto through = [&](const std::string& bytes, const auto& read) {
    std::thread writer([&] { AtomicFile(pipe).write(bytes); });
    try {
      read();
    } catch (...) {
      writer.join();
      throw;
    }
    writer.join();
  };
  const Tensor states = normals({2, 2, 3, 1}, 1), mask = filled({1, 2, 3, 1}, 1);
  through(npy_bytes(states), [&] {
    CHECK(largest_difference(read_states(sample, pipe).value().pixels, states) == 0);
  });
  through(npy_bytes(mask),
          [&] { CHECK(largest_difference(read_mask(sample, pipe, {}), mask) == 0); });
  const std::string picture = encode_image("a.png", {filled(sample, 1), Depth::uint8});
  through(picture, [&] { CHECK(largest_difference(read_mask(sample, pipe, {}), mask) == 0); });
  CHECK_THROWS_WITH(through(picture, [&] { read_states(sample, pipe); }),
                    Contains("pipe: is not an array of states") && Contains("need `strength`"));
}
