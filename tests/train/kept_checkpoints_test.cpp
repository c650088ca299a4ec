#include "lib/train/kept_checkpoints.hpp"

#include <filesystem>

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

TEST_CASE("kept checkpoints are named by their steps", "[train]") {
  CHECK(kept_name("m.safetensors", 500) == "m.step-500.safetensors");
  CHECK(kept_name("runs/v1.2/m.safetensors", 7) == "runs/v1.2/m.step-7.safetensors");
  CHECK(kept_name("runs/model", 7) == "runs/model.step-7");
}

TEST_CASE("the latest checkpoints are kept and the one before them goes", "[train]") {
  const test::Scratch scratch;
  const std::string model = scratch / "m.safetensors";
  const Keeping two{.most = 2, .every = 5};
  for (std::uint64_t step = 5; step <= 20; step += 5) {
    scratch.write("m.safetensors", "step " + std::to_string(step));
    keep_checkpoint(model, step, two);
  }
  const auto there = [&](std::uint64_t step) {
    return std::filesystem::exists(kept_name(model, step));
  };
  CHECK_FALSE(there(5));
  CHECK_FALSE(there(10));
  REQUIRE(there(15));
  REQUIRE(there(20));
  // A checkpoint that is written over is another file: the kept one stays as it was.
  CHECK(read_file(kept_name(model, 15)) == "step 15");
  CHECK(read_file(kept_name(model, 20)) == "step 20");
  scratch.write("m.safetensors", "again");
  keep_checkpoint(model, 20, two);
  CHECK(read_file(kept_name(model, 20)) == "again");
}

TEST_CASE("no checkpoint is kept unless it is asked for, or can be", "[train]") {
  const test::Scratch scratch;
  const std::string model = scratch.write("m.safetensors", "x");
  keep_checkpoint(model, 5, {.most = 0, .every = 5});
  CHECK_FALSE(std::filesystem::exists(kept_name(model, 5)));
  CHECK_THROWS_WITH(keep_checkpoint(scratch / "none", 5, {.most = 1, .every = 5}),
                    Contains("none.step-5: cannot be written"));
}
