// A network gives an image the same bits in any batch and on any threads. Its
// convolutions alone: tests/nn/bits_test.cpp.
#include <algorithm>

#include "lib/base/parallel.hpp"
#include "lib/models/network.hpp"
#include "lib/nn/onednn/convolution.hpp"
#include "tests/nn/gradients.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;
using nn::Dims;
using nn::DType;

namespace {

/// Compares the last images of a batch with themselves in smaller batches.
void check_bits_of_batches(const Json& config, const Dims& dims, DType type) {
  if (!nn::onednn::has_products_of(type)) return;
  const auto made = [&] {
    auto network = make_network(config, 3);
    network->compute_in(type);
    return network;
  };
  const nn::Tensor x = nn::random_tensor(dims, 1);
  const std::size_t each = x.count() / std::size_t(dims.n);
  std::vector<float> timesteps;
  for (std::int64_t n = 0; n < dims.n; ++n) timesteps.push_back(float(15 * n));
  const auto run = [&](const Network& network, std::size_t count) {
    const nn::Tensor part(Dims{std::int64_t(count), dims.h, dims.w, dims.c});
    std::ranges::copy(x.floats().last(count * each), part.floats().begin());
    const nn::Tensor y = network.forward(part, std::span(timesteps).last(count), {}, nullptr);
    return std::vector<float>(y.floats().begin(), y.floats().end());
  };
  const std::vector<float> whole = run(*made(), timesteps.size());
  const int all = threads();
  for (const int team : {1, 2}) {
    set_threads(team);
    const auto network = made();  // its primitives are made for so many threads
    for (const std::size_t batch : {1, 2, 3, 5, 8, 16, 31, 64}) {
      if (batch > timesteps.size()) continue;
      CAPTURE(team, batch);
      const std::vector<float> part = run(*network, batch);
      const bool same = std::equal(part.rbegin(), part.rend(), whole.rbegin());
      CHECK(same);  // thousands of numbers are no message
    }
  }
  set_threads(all);
}

/// What diff-train makes of grey images.
const Json grey = parse_json(R"({
  "in_channels": 1, "out_channels": 1, "block_out_channels": [16, 32, 64],
  "layers_per_block": 1, "attention_head_dim": null, "norm_num_groups": 8,
  "down_block_types": ["DownBlock2D", "DownBlock2D", "DownBlock2D"],
  "up_block_types": ["UpBlock2D", "UpBlock2D", "UpBlock2D"]})",
                             "grey");

/// That of tests/bench/colour.json.
const Json colour = parse_json(R"({
  "block_out_channels": [64, 128, 128], "layers_per_block": 2, "attention_head_dim": 8,
  "down_block_types": ["DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"],
  "up_block_types": ["AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"]})",
                               "colour");

const Json uneven = parse_json(R"({
  "block_out_channels": [24, 40], "layers_per_block": 1, "attention_head_dim": 4,
  "norm_num_groups": 4, "downsample_padding": 0,
  "down_block_types": ["DownBlock2D", "AttnDownBlock2D"],
  "up_block_types": ["AttnUpBlock2D", "UpBlock2D"]})",
                               "uneven");

}  // namespace

TEST_CASE("an image's output has the same bits in any batch and on any threads", "[unet]") {
  const auto type = GENERATE(DType::float32, DType::bfloat16);
  SECTION("as small networks are trained") { check_bits_of_batches(grey, {64, 28, 28, 1}, type); }
  SECTION("with attention at most levels") { check_bits_of_batches(colour, {31, 16, 16, 3}, type); }
  SECTION("of sizes that no vector divides") {
    check_bits_of_batches(uneven, {64, 10, 14, 3}, type);
  }
}

// Takes a minute or more: unit-tests "[bits]".
TEST_CASE("an image's output has the same bits in any batch, at full size", "[.][bits]") {
  check_bits_of_batches(colour, {64, 32, 32, 3}, GENERATE(DType::float32, DType::bfloat16));
}
