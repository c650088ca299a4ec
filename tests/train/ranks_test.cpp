#include <atomic>
#include <bit>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/parallel.hpp"
#include "lib/image/seen_images.hpp"
#include "lib/models/checkpoint.hpp"
#include "lib/rng/noise_source.hpp"
#include "lib/train/gradient_norm.hpp"
#include "lib/train/lane_sums.hpp"
#include "lib/train/load_training_set.hpp"
#include "lib/train/trainer.hpp"
#include "lib/train/validation.hpp"
#include "lib/train/weight_shares.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/rank_threads.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using test::run_ranks;

namespace {

/// Numbers for whose sum another order gives other bits.
std::vector<float> lane_of(std::size_t lane, std::size_t size) {
  std::vector<float> values(size);
  NoiseSource(5, "test").fill(values, lane, 0);
  return values;
}

/// Lanes `part`, added up as one rank's threads do.
std::span<float> total_of(LaneSums& sums, const Range& part, std::size_t size) {
  for (std::size_t i = 0; i < part.count; ++i) {
    const auto values = lane_of(part.first + i, size);
    const auto sum = sums.begin(i);
    for (std::size_t k = 0; k < size; ++k) sum[k] += values[k];
    sums.end(i);
  }
  return sums.total();
}

struct Summed {
  std::vector<float> values;
  double norm;
  bool operator==(const Summed&) const = default;
};

/// What each rank has when all shares of the sum are gathered.
std::vector<Summed> summed_by(std::size_t count, std::size_t lanes, std::size_t size) {
  std::vector<Summed> all(count);
  const auto parts = lanes_of_ranks(lanes, count);
  const bool fitting = run_ranks(count, [&](const Ranks& ranks) {
    LaneSums sums(parts[ranks.rank].count, size);
    WeightShares shares(ranks, size);
    const auto values = total_of(sums, parts[ranks.rank], size);
    const double norm = shares.norm(shares.sum(values));
    shares.gather(values);
    all[ranks.rank] = {{values.begin(), values.end()}, norm};
  });
  CHECK(fitting);
  return all;
}

TrainingSet pictures() {
  TrainingSet images(16, 16, 1);
  std::vector<float> pixels(256);
  for (std::size_t i = 0; i < 40; ++i) {
    NoiseSource(1, "test").fill(pixels, i, 0);
    images.add(pixels, Depth::float32);
  }
  return images;
}

std::unique_ptr<Network> small_network() {
  return make_network(parse_json(R"({
    "in_channels": 1, "out_channels": 1, "block_out_channels": [8, 16], "layers_per_block": 1,
    "down_block_types": ["DownBlock2D", "AttnDownBlock2D"],
    "up_block_types": ["AttnUpBlock2D", "UpBlock2D"], "norm_num_groups": 4, "dropout": 0.2})",
                                 "model"),
                      3);
}

Json small_config(const std::string& levels) {
  Json config = default_config();
  set_config(config, "train.batch", "18");
  set_config(config, "train.warmup", "0");
  set_config(config, "train.ema", "0.99,0.9");
  set_config(config, "objective.levels", levels);
  return config;
}

}  // namespace

TEST_CASE("ranks have aligned runs of lanes, or are refused", "[train][ranks]") {
  for (const std::size_t lanes : {1, 2, 7, 8, 15, 16}) {
    for (std::size_t ranks = 1; ranks <= std::bit_floor(lanes); ranks *= 2) {
      CAPTURE(lanes, ranks);
      const auto parts = lanes_of_ranks(lanes, ranks);
      REQUIRE(parts.size() == ranks);
      std::size_t next = 0;
      for (const auto& [first, count] : parts) {
        CHECK(first == next);
        CHECK(count > 0);
        CHECK(first % std::bit_ceil(count) == 0);
        next += count;
      }
      CHECK(next == lanes);
    }
  }
  CHECK_THROWS_WITH(lanes_of_ranks(16, 3), Contains("3 ranks") && Contains("2, 4, 8, 16"));
  CHECK_THROWS_WITH(lanes_of_ranks(16, 32), Contains("train.lanes"));
  CHECK_THROWS_WITH(lanes_of_ranks(6, 4),
                    Contains("may be 2; any power of two up to train.lanes"));  // 2 + 2 + 2 + 0
  CHECK_THROWS_WITH(lanes_of_ranks(1, 2), Contains("start one"));
}

TEST_CASE("sums over ranks are the tree's, and so is their norm", "[train][ranks]") {
  for (const std::size_t size : {40, 4096, 9000, 100'000})  // fewer blocks than ranks, and more
    for (const std::size_t lanes : {8, 15, 16}) {
      const auto alone = summed_by(1, lanes, size);
      CHECK(alone[0].norm == gradient_norm(alone[0].values));
      for (const std::size_t ranks : {2, 4, 8}) {
        CAPTURE(size, lanes, ranks);
        for (const Summed& summed : summed_by(ranks, lanes, size)) CHECK(summed == alone[0]);
      }
    }
}

TEST_CASE("ranks share the weights in whole blocks", "[train][ranks]") {
  constexpr std::size_t size = 1'000'000, block = 4096;
  std::vector<std::size_t> counts(8);
  run_ranks(8, [&](const Ranks& ranks) {
    const Range own = WeightShares(ranks, size).own();
    counts[ranks.rank] = own.first % block == 0 ? own.count : 0;
  });
  for (const std::size_t count : counts)  // a cut of an odd number of blocks moves it by a half
    CHECK(std::abs(double(count) - double(size) / 8) <= 1.5 * block);
}

TEST_CASE("texts of any length reach all ranks", "[base][ranks]") {
  std::vector<std::vector<std::string>> texts(4);
  run_ranks(4, [&](const Ranks& ranks) {
    texts[ranks.rank] = texts_of_all(ranks, std::string(3 * ranks.rank, char('a' + ranks.rank)));
  });
  for (const auto& each : texts)
    CHECK(each == std::vector<std::string>{"", "bbb", "cccccc", "ddddddddd"});
}

TEST_CASE("what one rank saw of its pictures is told on all", "[image][ranks]") {
  constexpr std::size_t ranks = 4;
  const auto see = [](SeenImages& seen, std::size_t rank) {
    if (rank == 0) seen.add_unturned("a.jpg");
    if (rank == 1)
      seen.add_float_picture("b.tif", Tensor(Shape{1, 1, 1}, 509.0f));  // 255, where 1 is white
    if (rank == 2) seen.add_laid_on_white();
    if (rank == 3) seen.add_floats(0, 0.5f);
  };
  SeenImages whole;
  for (std::size_t rank = 0; rank < ranks; ++rank) see(whole, rank);
  std::vector<std::vector<std::string>> remarks(ranks);
  run_ranks(ranks, [&](const Ranks& among) {
    SeenImages seen;
    see(seen, among.rank);
    seen.share(among);
    remarks[among.rank] = seen.remarks();
  });
  CHECK(whole.remarks().size() == 4);
  for (const auto& of_rank : remarks) CHECK(of_rank == whole.remarks());
}

TEST_CASE("each image is decoded by one rank, and all know the whole set", "[train][ranks]") {
  constexpr std::size_t count = 300, broken = 140;  // more than are decoded at a time
  std::vector<std::atomic<int>> decoded(count);
  std::vector<std::vector<std::string>> failures(4);
  std::vector<std::size_t> sizes(4);
  run_ranks(4, [&](const Ranks& ranks) {
    set_threads(1);
    ImageSet set;
    set.next = [&, at = std::size_t(0)]() mutable -> std::optional<ImageEntry> {
      if (at == count) return std::nullopt;
      const std::size_t i = at++;
      return ImageEntry{std::to_string(i), i, std::nullopt, [&decoded, i]() -> Image {
                          ++decoded[i];
                          if (i == broken) throw Error("140: is broken");
                          return {Tensor(Shape{2, 3, 1}), Depth::uint8};
                        }};
    };
    const LoadedImages loaded = load_training_set(set, {.ranks = ranks});
    sizes[ranks.rank] = loaded.images.size();
    failures[ranks.rank] = loaded.failures;
  });
  for (const auto& times : decoded) CHECK(times == 1);
  for (const std::size_t size : sizes) CHECK(size == count - 1);
  for (const auto& each : failures) CHECK(each == std::vector<std::string>{"140: is broken"});
}

TEST_CASE("checkpoints have the same bytes for any number of ranks, also across a stop",
          "[train][ranks]") {
  const auto levels = GENERATE("uniform", "importance");
  CAPTURE(levels);
  const TrainingSet images = pictures();
  const Json config = small_config(levels);
  const test::Scratch scratch;
  const auto train = [&](std::size_t count, int steps, const std::string& from,
                         const std::string& to) {
    const bool fitting = run_ranks(count, [&](const Ranks& ranks) {
      set_threads(1);
      Trainer trainer(small_network(), images, make_schedule("cosine:T=4"), config, ranks);
      if (!from.empty()) trainer.restore(ModelFile(scratch / from));
      for (int i = 0; i < steps; ++i) trainer.step();
      trainer.with_average([](const Network&) {});
      trainer.save(scratch / to);
    });
    CHECK(fitting);
    return read_file(scratch / to);
  };
  const auto alone = train(1, 50, "", "one");
  CHECK(train(4, 50, "", "four") == alone);
  train(8, 20, "", "begun");
  CHECK(train(2, 30, "begun", "ended") == alone);
}

TEST_CASE("validation by several ranks is that by one", "[train][ranks]") {
  const TrainingSet images = pictures();
  const auto network = small_network();
  const Validation validation(
      images, make_objective(parse_config(small_config("uniform")), make_schedule("cosine:T=9")),
      1);
  const ValidationLoss alone = validation.of(*network);
  std::vector<ValidationLoss> losses(4);
  run_ranks(4, [&](const Ranks& ranks) { losses[ranks.rank] = validation.of(*network, ranks); });
  for (const ValidationLoss& loss : losses) {
    CHECK(loss.mean == alone.mean);
    CHECK(loss.bands == alone.bands);
  }
}
