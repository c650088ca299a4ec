// Features on a plugin's device against those of the processor.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "lib/fid/features/features.hpp"
#include "lib/fid/set_reader.hpp"
#include "lib/rng/noise_source.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/inception_weights.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/xla_plugin.hpp"

namespace diffusion::xla {
namespace {

std::vector<Tensor> noise_images(std::size_t count, std::size_t size) {
  std::vector<Tensor> images;
  for (std::size_t i = 0; i < count; ++i) {
    auto& image = images.emplace_back(diffusion::Shape{size, size, 3});
    const std::span<float> values(image.data(), image.size());
    NoiseSource(6, "test").fill(values, i, 0);
    for (float& value : values) value = std::clamp(value / 2, -1.0f, 1.0f);
  }
  return images;
}

/// The largest difference as a part of the largest value.
double difference(const Tensor& got, const Tensor& expected) {
  REQUIRE((got.shape() == expected.shape()));
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    worst = std::max(worst, std::abs(double(got.data()[i]) - expected.data()[i]));
    largest = std::max(largest, std::abs(double(expected.data()[i])));
  }
  return worst / largest;
}

/// An extractor on the device, and how many programs it had compiled.
struct OnDevice {
  int compiled = 0;
  FeatureExtractor extractor;

  OnDevice(const std::string& spec, const std::shared_ptr<Client>& client, std::size_t group)
      : extractor(make_features(spec, {.device = {.client = client,
                                                  .watch = {.done = [this](double) { ++compiled; }},
                                                  .group = group}})) {}
  OnDevice(const OnDevice&) = delete;
};

/// Programs are compiled anew and kept nowhere.
struct NoCache {
  test::Scratch folder;
  NoCache() { setenv("XDG_CACHE_HOME", (folder / "cache").c_str(), 1); }
  ~NoCache() { unsetenv("XDG_CACHE_HOME"); }
};

}  // namespace

TEST_CASE("random-v1 on a device is random-v1", "[xla][fid]") {
  const auto client = test::xla_client("random-v1 on a device");
  if (!client) return;
  const NoCache none;
  const FeatureExtractor ours = make_features("random");
  OnDevice device("random", client, 8);
  CHECK(device.extractor.provenance == ours.provenance);
  CHECK(device.compiled == 0);
  const std::vector<Tensor> images = noise_images(19, 64);
  const Tensor rows = device.extractor.run(images, ours.kinds).at(0);
  CHECK(difference(rows, ours.run(images, ours.kinds).at(0)) < 1e-5);
  // An image's bits depend on no other image.
  const auto some = std::span(images).subspan(5, 3);
  const Tensor again = device.extractor.run(some, ours.kinds).at(0);
  CHECK(std::memcmp(again.data(), rows.data() + 5 * 512, again.size() * sizeof(float)) == 0);
  CHECK(device.compiled == 1);
}

TEST_CASE("a set is read with its features computed on a device", "[xla][fid]") {
  const auto client = test::xla_client("a set read with a device");
  if (!client) return;
  const NoCache none;
  const test::Scratch scratch;
  Tensor pixels(diffusion::Shape{75, 5, 6, 1});
  NoiseSource(7, "test").fill({pixels.data(), pixels.size()}, 0, 0);
  for (float& value : pixels) value = std::clamp(value / 3, -1.0f, 1.0f);
  write_npy(scratch / "images.npy", pixels);
  OnDevice device("random", client, 32);
  const auto rows_by = [&](const FeatureExtractor& extractor) {
    SetReader reader({.extractor = [&] { return extractor; }});
    std::vector<float> values;
    reader.pass(reader.open(scratch / "images.npy"), {.rows = [&](std::span<const Tensor> rows) {
                  values.insert(values.end(), rows[0].begin(), rows[0].end());
                }});
    Tensor all(diffusion::Shape{75, 512});
    REQUIRE(values.size() == all.size());
    std::ranges::copy(values, all.begin());
    return all;
  };
  CHECK(difference(rows_by(device.extractor), rows_by(make_features("random"))) < 1e-5);
}

TEST_CASE("the Inception on a device is the processor's, in all it gives", "[xla][inception]") {
  const auto client = test::xla_client("the Inception on a device");
  if (!client) return;
  const NoCache none;
  const test::Scratch scratch;
  test::write_weights(scratch / "w.safetensors", test::formula_weights());
  const std::string spec = "inception:weights=" + (scratch / "w.safetensors");
  const std::vector<Tensor> images = noise_images(3, 299);
  const FeatureExtractor ours = make_features(spec);
  OnDevice device(spec, client, 2);
  CHECK(device.extractor.provenance == ours.provenance);
  CHECK(device.extractor.kinds == ours.kinds);
  const auto expected = ours.run(images, ours.kinds);
  const auto rows = device.extractor.run(images, ours.kinds);
  REQUIRE(rows.size() == expected.size());
  for (std::size_t k = 0; k < rows.size(); ++k) {
    CAPTURE(k);
    CHECK(difference(rows[k], expected[k]) < 1e-4);
  }
  const FeatureKind logits[] = {FeatureKind::logits};
  CHECK((device.extractor.run(images, logits).at(0) == rows[1]));
  CHECK(device.compiled == 1);
}

TEST_CASE("an early tap of the Inception on a device, in bf16 too", "[xla][inception]") {
  const auto client = test::xla_client("an early tap on a device");
  if (!client) return;
  const NoCache none;
  const test::Scratch scratch;
  test::write_weights(scratch / "w.safetensors", test::formula_weights());
  const std::string spec = "inception:tap=192,weights=" + (scratch / "w.safetensors");
  const std::vector<Tensor> images = noise_images(2, 299);
  const FeatureExtractor ours = make_features(spec);
  const Tensor expected = ours.run(images, std::array{FeatureKind::features}).at(0);
  OnDevice exact(spec, client, 2), half(spec + ",precision=bf16", client, 2);
  const auto moved = [&](const OnDevice& device) {
    return difference(device.extractor.run(images, std::array{FeatureKind::features}).at(0),
                      expected);
  };
  CHECK(moved(exact) < 1e-4);
  const double rounded = moved(half);
  CHECK(rounded < 0.03);
  CHECK(rounded > 1e-4);
  CHECK(half.extractor.provenance != ours.provenance);
}

}  // namespace diffusion::xla
