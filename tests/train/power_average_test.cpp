// Power-function averages, and others that are made of them after the fact.
#include <cmath>
#include <numeric>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/parallel.hpp"
#include "lib/rng/noise_source.hpp"
#include "lib/train/posthoc_average.hpp"
#include "lib/train/power_profile.hpp"
#include "lib/train/trainer.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/rank_threads.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using Profile = Averaging::Profile;

namespace {

const Json& references() {
  static const Json json = read_json(TEST_DATA_DIR "/power-average/references.json");
  return json;
}

std::vector<PowerProfile> profiles_of(const Json& fit) {
  std::vector<PowerProfile> profiles;
  for (std::size_t i = 0; i < fit["ends"].size(); ++i)
    profiles.push_back({gamma_of(fit["widths"].at(i)), fit["ends"].at(i).get<double>()});
  return profiles;
}

TrainingSet pictures() {
  TrainingSet images(8, 8, 1);
  std::vector<float> pixels(64);
  for (std::size_t i = 0; i < 12; ++i) {
    NoiseSource(1, "test").fill(pixels, i, 0);
    images.add(pixels, Depth::float32);
  }
  return images;
}

Trainer trainer_on(const TrainingSet& images, const std::string& widths, Ranks ranks = {}) {
  Json config = default_config();
  for (const char* setting : {"train.batch=4", "train.lanes=4", "train.steps=48", "train.lr=0.01",
                              "train.snapshots_every=6", "train.precision=float32"})
    set_config(config, setting);
  set_config(config, "train.ema_power", widths);
  auto network = make_network(parse_json(R"({
    "in_channels": 1, "out_channels": 1, "block_out_channels": [8], "layers_per_block": 1,
    "down_block_types": ["DownBlock2D"], "up_block_types": ["UpBlock2D"],
    "mid_block_type": null, "norm_num_groups": 4})",
                                         "model"),
                              7);
  return {std::move(network), images, make_schedule("cosine:T=10"), config, std::move(ranks)};
}

/// What a run leaves: its snapshots, and the weights of each step.
struct Left {
  std::vector<std::string> snapshots;
  std::vector<std::vector<float>> weights;
};

Left run(Trainer& trainer, const std::string& name) {
  Left left;
  for (int step = 1; step <= 48; ++step) {
    trainer.step();
    const auto values = trainer.network().parameters().values();
    left.weights.emplace_back(values.begin(), values.end());
    if (step % 6 != 0) continue;
    left.snapshots.push_back(name + std::to_string(step) + ".safetensors");
    trainer.save(left.snapshots.back(), Trainer::Saved::snapshot);
  }
  return left;
}

std::vector<float> read_set(const std::string& path, const std::string& prefix) {
  const ModelFile file(path);
  const auto network = file.network("raw");
  std::vector<float> values(network->parameters().size());
  file.read(prefix, network->parameters(), values);
  return values;
}

double rms_difference(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(double(a[i]) - double(b[i]), 2);
  return std::sqrt(sum / double(a.size()));
}

}  // namespace

TEST_CASE("widths are those of the paper's exponents", "[train]") {
  CHECK(gamma_of(0.05) == Approx(16.97).epsilon(1e-3));
  CHECK(gamma_of(0.10) == Approx(6.94).epsilon(1e-3));
  for (const Json& each : references()["gammas"])
    CHECK(gamma_of(each["width"]) == Approx(each["gamma"].get<double>()).epsilon(1e-9));
}

TEST_CASE("a power-function average weighs updates by the integral of its profile", "[train]") {
  const double width = GENERATE(0.01, 0.05, 0.1, 0.28);
  const double gamma = gamma_of(width);
  constexpr std::uint64_t last = 40;
  for (std::uint64_t update = 1; update <= last; ++update) {
    // Of weights that are 1 at this update alone.
    WeightAverage average{{Profile::power, width}, {5}};
    for (std::uint64_t now = 1; now <= last; ++now)
      take_in(average, std::vector<float>{now == update ? 1.0f : 0.0f}, now);
    const auto before = [&](std::uint64_t end) {
      return std::pow(double(end) / double(last), gamma + 1);
    };
    CHECK(average.values[0] ==
          Approx(before(update) - before(update - 1)).epsilon(1e-5).margin(1e-6));
  }
  CHECK(power_share(gamma, 1) == 1);
  CHECK(power_share(gamma, 1'000'000'000'000) == Approx((gamma + 1) * 1e-12).epsilon(1e-9));
}

TEST_CASE("products of profiles are their integrals", "[train]") {
  const PowerProfile a{3.5, 2}, b{gamma_of(0.2), 3};
  double sum = 0;
  constexpr int cells = 200'000;
  for (int i = 0; i < cells; ++i) {
    const double t = (i + 0.5) * 2 / cells;
    sum += (a.gamma + 1) * std::pow(t, a.gamma) / std::pow(a.end, a.gamma + 1) * (b.gamma + 1) *
           std::pow(t, b.gamma) / std::pow(b.end, b.gamma + 1) * 2 / cells;
  }
  CHECK(product(a, b) == Approx(sum).epsilon(1e-8));
  CHECK(product(b, a) == product(a, b));
}

TEST_CASE("shares of averages are those that numpy finds", "[train]") {
  for (const Json& each : references()["fits"]) {
    const ProfileFit fit =
        fit_profile(profiles_of(each), {gamma_of(each["width"]), each["end"].get<double>()});
    for (std::size_t i = 0; i < fit.shares.size(); ++i)
      CHECK(fit.shares[i] == Approx(each["shares"].at(i).get<double>()).epsilon(1e-6));
    CHECK(std::accumulate(fit.shares.begin(), fit.shares.end(), 0.0) == Approx(1).epsilon(1e-12));
    CHECK(fit.error == Approx(each["error"].get<double>()).epsilon(1e-6));
  }
}

TEST_CASE("an average that was kept is found again, and one that is there twice does no harm",
          "[train]") {
  const std::vector<PowerProfile> kept{{7, 50}, {17, 100}, {7, 100}, {7, 100}};
  const ProfileFit fit = fit_profile(kept, {7, 100});
  CHECK(fit.error < 1e-6);
  CHECK(std::abs(fit.shares[0]) + std::abs(fit.shares[1]) < 1e-6);
  CHECK(fit.shares[2] + fit.shares[3] == Approx(1));
}

TEST_CASE("an average after the fact is the one kept in training", "[train]") {
  const test::Scratch scratch;
  const TrainingSet images = pictures();
  Trainer usual = trainer_on(images, "[0.05, 0.1]"), other = trainer_on(images, "[0.15, 0.07]");
  const Left kept = run(usual, scratch / "a"), direct = run(other, scratch / "b");
  REQUIRE(kept.weights == direct.weights);
  for (const double width : {0.07, 0.15}) {
    const auto expected = read_set(direct.snapshots.back(), power_prefix(width));
    const PosthocAverage made = posthoc_average(kept.snapshots, width);
    const auto got = made.network->parameters().values();
    CHECK(made.updates == 48);
    CHECK(made.averages == 16);
    CAPTURE(width, made.error);
    // The weights of updates differ by at most |error| in the norm of the profile's integral, so
    // a sum of weights by |error| times their norm (Cauchy and Schwarz).
    const PowerProfile profile{gamma_of(width), 48};
    const double off = made.error * std::sqrt(product(profile, profile));
    double worst = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      double square = 0;
      for (const auto& weights : kept.weights) square += std::pow(double(weights[i]), 2);
      const double bound = off * std::sqrt(square) + 1e-5;
      worst = std::max(worst, std::abs(double(got[i]) - double(expected[i])) / bound);
    }
    CHECK(worst < 1);
    const auto nearest = read_set(kept.snapshots.back(), power_prefix(width < 0.1 ? 0.05 : 0.1));
    CHECK(rms_difference(got, expected) < 0.05 * rms_difference(nearest, expected));
  }
  CHECK_THROWS_WITH(posthoc_average({kept.snapshots[0], direct.snapshots[1]}, 0.1),
                    EndsWith("with another train.ema_power ([0.05,0.1], not [0.15,0.07])"));
}

TEST_CASE("an average after the fact is a model, the same in any order and on any threads",
          "[train]") {
  const test::Scratch scratch;
  const TrainingSet images = pictures();
  Trainer trainer = trainer_on(images, "[0.05, 0.1]");
  Left kept = run(trainer, scratch / "a");
  const int before = threads();
  set_threads(1);
  write_average(scratch / "one.safetensors", posthoc_average(kept.snapshots, 0.12));
  std::ranges::reverse(kept.snapshots);
  kept.snapshots.push_back(kept.snapshots[2]);
  set_threads(3);
  write_average(scratch / "other.safetensors", posthoc_average(kept.snapshots, 0.12));
  set_threads(before);
  CHECK(read_file(scratch / "one.safetensors") == read_file(scratch / "other.safetensors"));
  const ModelFile file(scratch / "one.safetensors");
  CHECK(file.prefix_of("ema").empty());
  CHECK(file.prefix_of("").empty());
  CHECK(file.description().training["average"]["sigma_rel"] == 0.12);
  const ModelFile snapshot(kept.snapshots[0]);
  CHECK(snapshot.prefix_of("ema") == "power.0.05/");
  CHECK(snapshot.prefix_of("power:0.1") == "power.0.1/");
  CHECK_THROWS_WITH(snapshot.prefix_of("power:0.2"),
                    EndsWith("has no weights 'power:0.2' (have: raw, power:0.05, power:0.1)"));
  CHECK_THROWS_WITH(posthoc_average({scratch / "one.safetensors"}, 0.1),
                    EndsWith("holds no power-function averages; training with `snapshots-every` N "
                             "keeps them"));
}

TEST_CASE("snapshots are the same of one rank and of four", "[train]") {
  const test::Scratch scratch;
  const TrainingSet images = pictures();
  for (const std::size_t count : {1, 4})
    CHECK(test::run_ranks(count, [&](const Ranks& ranks) {
      Trainer trainer = trainer_on(images, "[0.05, 0.1]", ranks);
      for (int i = 0; i < 5; ++i) trainer.step();
      trainer.save(scratch / std::to_string(count), Trainer::Saved::snapshot);
    }));
  CHECK(read_file(scratch / "1") == read_file(scratch / "4"));
}
