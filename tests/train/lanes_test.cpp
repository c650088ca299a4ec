#include <numeric>
#include <thread>

#include "lib/base/parallel.hpp"
#include "lib/models/pieces.hpp"
#include "lib/rng/noise_source.hpp"
#include "lib/train/lane_sums.hpp"
#include "lib/train/trainer.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

/// Sums for which another order gives other bits.
std::vector<float> lane_of(std::size_t lane, std::size_t size) {
  std::vector<float> values(size);
  NoiseSource(5, "test").fill(values, lane, 0);
  return values;
}

void add_to(std::span<float> sum, std::span<const float> values) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += values[i];
}

/// The tree's sum, by its definition.
std::vector<float> sum_of(std::size_t first, std::size_t count, std::size_t size) {
  if (count == 1) return lane_of(first, size);
  const std::size_t half = std::bit_ceil(count) / 2;
  auto sum = sum_of(first, half, size);
  add_to(sum, sum_of(first + half, count - half, size));
  return sum;
}

const Json small_unet = parse_json(R"({
    "in_channels": 1, "out_channels": 1, "block_out_channels": [8, 16], "layers_per_block": 1,
    "down_block_types": ["DownBlock2D", "AttnDownBlock2D"],
    "up_block_types": ["AttnUpBlock2D", "UpBlock2D"], "norm_num_groups": 4, "dropout": 0.2})",
                                   "model");

TrainingSet pictures(std::size_t count) {
  TrainingSet images(16, 16, 1);
  std::vector<float> pixels(256);
  for (std::size_t i = 0; i < count; ++i) {
    NoiseSource(1, "test").fill(pixels, i, 0);
    images.add(pixels, Depth::float32);
  }
  return images;
}

}  // namespace

TEST_CASE("lanes cut a batch evenly", "[train][lanes]") {
  for (const std::size_t examples : {1, 5, 16, 50, 64}) {
    CAPTURE(examples);
    const auto lanes = cut_into_lanes(examples, 16);
    CHECK(lanes.size() == std::min<std::size_t>(16, examples));
    std::size_t next = 0;
    for (const auto& [first, count] : lanes) {
      CHECK(first == next);
      CHECK(count - examples / lanes.size() <= 1);
      next += count;
    }
    CHECK(next == examples);
  }
}

TEST_CASE("sums over lanes are the tree's, whoever adds and when", "[train][lanes]") {
  constexpr std::size_t size = 9000;  // more than two blocks
  for (const std::size_t lanes : {1, 2, 3, 7, 8, 16, 21}) {
    CAPTURE(lanes);
    const auto expected = sum_of(0, lanes, size);
    LaneSums sums(lanes, size);
    for (int round = 0; round < 3; ++round) {
      const auto run = [&](std::size_t lane) {
        add_to(sums.begin(lane), lane_of(lane, size));
        sums.end(lane);
      };
      if (round == 0)
        for (std::size_t lane = 0; lane < lanes; ++lane) run(lane);
      else
        parallel_for(lanes, run);
      CHECK(std::ranges::equal(sums.total(), expected));
    }
  }
}

TEST_CASE("lanes that end in any order have the tree's sum", "[train][lanes]") {
  constexpr std::size_t lanes = 6, size = 40;
  const auto expected = sum_of(0, lanes, size);
  std::vector<std::size_t> order(lanes);
  std::iota(order.begin(), order.end(), 0);
  LaneSums sums(lanes, size);
  do {
    for (std::size_t lane = 0; lane < lanes; ++lane) add_to(sums.begin(lane), lane_of(lane, size));
    for (const std::size_t lane : order) sums.end(lane);
    CHECK(std::ranges::equal(sums.total(), expected));
  } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("a sum of numbers follows the same tree", "[train][lanes]") {
  CHECK(tree_sum(std::vector{1e16, 1.0, -1e16, 1.0}) == (1e16 + 1.0) + (-1e16 + 1.0));
  CHECK(tree_sum(std::vector{1e16, 1.0, -1e16}) == (1e16 + 1.0) - 1e16);
}

TEST_CASE("a checkpoint has the same bytes for any number of threads", "[train][lanes]") {
  const auto precision = GENERATE("float32", "bf16");
  const auto loss = GENERATE("simple", "hybrid");
  const auto levels = GENERATE("uniform", "importance");
  CAPTURE(precision, loss, levels);
  const TrainingSet images = pictures(40);
  Json config = default_config();
  set_config(config, "train.batch", "18");
  set_config(config, "train.precision", precision);
  set_config(config, "train.warmup", "0");
  set_config(config, "objective.loss", loss);
  set_config(config, "objective.levels", levels);
  Json model = small_unet;
  if (std::string(loss) == "hybrid") model["out_channels"] = 2;
  const test::Scratch scratch;
  const auto trained = [&](int team) {
    set_threads(team);
    Trainer trainer(make_network(model, 3), images, make_schedule("cosine:T=4"), config);
    for (int i = 0; i < 50; ++i) trainer.step();
    trainer.save(scratch / "m.safetensors");
    return read_file(scratch / "m.safetensors");
  };
  const int all = threads();
  const auto one = trained(1);
  const bool two = trained(2) == one, five = trained(5) == one;
  set_threads(all);
  CHECK(two);
  CHECK(five);
}

TEST_CASE("pieces hold each image once, and only the last may be smaller", "[models][lanes]") {
  const int all = threads();
  for (const int team : {1, 2, 3, 16}) {
    set_threads(team);
    for (const std::size_t images : {1, 2, 3, 7, 16, 50, 64, 100, 1000}) {
      CAPTURE(team, images);
      const Division division = Divider().divide(images);
      CHECK_FALSE(division.shared);
      CHECK(division.pieces.size() >= std::min(images, std::size_t(team)));
      std::size_t next = 0;
      for (const Range& piece : division.pieces) {
        CHECK(piece.first == next);
        CHECK(piece.count <= division.pieces.front().count);
        next += piece.count;
        if (next < images) CHECK(piece.count == division.pieces.front().count);
      }
      CHECK(next == images);
    }
  }
  set_threads(all);
}

TEST_CASE("threads share the layers of a few images while that is faster", "[models][lanes]") {
  const int all = threads();
  set_threads(2);
  Divider divider;
  int shared = 0;
  const auto call = [&](int alone_ms, int shared_ms) {
    const Division division = divider.divide(1);
    shared += division.shared;
    divider.run(division, [&](std::size_t, const Range& piece) {
      CHECK(piece.count == 1);
      CHECK(threads() == (division.shared ? 2 : 1));
      std::this_thread::sleep_for(
          std::chrono::milliseconds(division.shared ? shared_ms : alone_ms));
    });
    return division.shared;
  };
  for (int i = 0; i < 20; ++i) CHECK(call(30, 1) == (i >= 2));  // quiet: alone twice to compare
  CHECK(call(30, 60));                                          // the machine is busy now
  shared = 0;
  for (int i = 0; i < 50; ++i) call(15, 40);
  CHECK(shared == 1);  // tried again once, after 16
  for (int i = 0; i < 3; ++i) CHECK_FALSE(call(1, 1));
  set_threads(all);
}
