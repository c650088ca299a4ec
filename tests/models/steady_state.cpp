// Training in its steady state takes no memory: every large block that the program asks
// for goes through the counting operators new below, the engine's pool among them.
#include <atomic>
#include <cstdlib>
#include <new>

#include "lib/base/parallel.hpp"
#include "lib/train/trainer.hpp"
#include "tests/support/catch.hpp"

namespace {

constexpr std::size_t large = 16 * 1024;  // bytes; the smallest activation below has 32 KiB
std::atomic<std::size_t> large_blocks = 0;

void* counted(std::size_t size, std::size_t alignment) {
  if (size >= large) ++large_blocks;
  void* const block =
      alignment > alignof(std::max_align_t)
          ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
          : std::malloc(size);
  if (!block) throw std::bad_alloc();
  return block;
}

}  // namespace

// Not inlined: GCC would see one of a pair without the other, and warn.
[[gnu::noinline]] void* operator new(std::size_t size) { return counted(size, 0); }
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, std::size_t(alignment));
}
// Sanitizers have one of their own, whose blocks the operators below must not free.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  std::free(block);
}

using namespace diffusion;

TEST_CASE("from the third on, whole training steps allocate no large block", "[train][unet]") {
  set_threads(1);  // of several, lanes overlap otherwise at each step, until the worst has come
  Json config = default_config();
  set_config(config, "train.batch", "16");
  set_config(config, "train.precision", GENERATE("float32", "bf16"));
  set_config(config, "train.lanes", GENERATE("16", "2"));
  set_config(config, "objective.levels", GENERATE("uniform", "importance"));
  TrainingSet images(16, 16, 1);
  for (int i = 0; i < 512; ++i) images.add(std::vector<float>(256, float(i) / 512), Depth::float32);
  const Json model = parse_json(R"({
    "in_channels": 1, "out_channels": 1, "block_out_channels": [16, 32], "layers_per_block": 1,
    "down_block_types": ["DownBlock2D", "AttnDownBlock2D"],
    "up_block_types": ["AttnUpBlock2D", "UpBlock2D"], "norm_num_groups": 8})",
                                "model");
  Trainer trainer(make_network(model, 3), images, make_schedule("cosine"), config);
  const auto blocks_of = [&](int steps) {
    const std::size_t before = large_blocks;
    for (int i = 0; i < steps; ++i) trainer.step();
    return large_blocks - before;
  };
  CHECK(blocks_of(2) > 0);  // the count counts
  CHECK(blocks_of(6) == 0);
}
