#include "lib/fid/features/inception.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/parallel.hpp"
#include "lib/base/registry.hpp"
#include "lib/fid/features/inception_weights.hpp"
#include "lib/image/image_set.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/inception_weights.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

const std::string folder = TEST_DATA_DIR "/fid-inception/";

Image photograph(const std::string& name) { return open_images({folder + name}).next()->load(); }

/// Of tests/data/fid-inception/make.py, on [-1, 1].
Image pattern(std::size_t height, std::size_t width, std::size_t shift) {
  Image image{Tensor(Shape{height, width, 3})};
  float* out = image.pixels.data();
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t c = 0; c < 3; ++c)
        *out++ = float((y * 7 + x * 5 + c * 53 + (y * x) % 17 * 3 + shift) % 256) / 127.5f - 1;
  return image;
}

Image reference_image(const std::string& name) {
  if (name.ends_with(".png")) return photograph(name);
  std::istringstream words(name.substr(8));  // pattern-H-W-SHIFT
  std::size_t height, width, shift;
  char dash;
  words >> height >> dash >> width >> dash >> shift;
  return pattern(height, width, shift);
}

std::vector<float> numbers(std::istream& words) {
  std::vector<float> values;
  for (float value; words >> value;) values.push_back(value);
  return values;
}

FeatureExtractor extractor(const std::string& weights, const std::string& more) {
  return make_features("inception:weights=" + weights + more, {Rounding::eight_bits});
}

/// One kind of features of one image.
Tensor extract(const FeatureExtractor& from, const Image& image, FeatureKind kind) {
  const Tensor prepared = from.prepare(image);
  return from.run({&prepared, 1}, std::span(&kind, 1)).at(0);
}

/// The largest difference, as a part of the largest value.
double difference(const Tensor& row, const std::vector<float>& expected, std::size_t each) {
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    worst = std::max(worst, std::abs(double(row.data()[i * each]) - expected[i]));
    largest = std::max(largest, std::abs(double(expected[i])));
  }
  CHECK((expected.size() - 1) * each < row.size());
  CHECK(expected.size() * each >= row.size());
  return worst / largest;
}

/// The network of formula_weights(), without or with one change.
std::string refusal(const std::function<void(std::vector<test::FormulaTensor>&)>& change) {
  // The shapes are what is looked at: all tensors share one element here.
  std::vector<test::FormulaTensor> tensors;
  std::vector<SafetensorsArray> arrays;
  std::size_t largest = 0;
  for (const InceptionUnit& unit : inception_units()) {
    const auto& s = unit.shape;
    const auto extent = [](std::int64_t n) { return std::size_t(n); };
    tensors.push_back({unit.name + ".conv.weight",
                       {extent(s.out), extent(s.in), extent(s.kernel.h), extent(s.kernel.w)},
                       {}});
    for (const char* leaf : {"weight", "bias", "running_mean", "running_var"})
      tensors.push_back({unit.name + ".bn." + leaf, {extent(s.out)}, {}});
  }
  tensors.push_back({"fc.weight", {1008, 2048}, {}});
  tensors.push_back({"fc.bias", {1008}, {}});
  change(tensors);
  for (const auto& tensor : tensors) {
    std::size_t count = 1;
    for (const std::size_t n : tensor.shape) count *= n;
    largest = std::max(largest, count);
  }
  const std::vector<std::byte> zeros(largest);
  for (const auto& tensor : tensors) {
    std::size_t count = 1;
    for (const std::size_t n : tensor.shape) count *= n;
    arrays.push_back(
        {tensor.name, SafetensorsType::uint8, tensor.shape, std::span(zeros).first(count)});
  }
  const test::Scratch scratch;
  write_safetensors(scratch / "w.safetensors", arrays);
  try {
    const InceptionWeights weights(scratch / "w.safetensors");
  } catch (const Error& e) {
    const std::string message = e.what(), start = scratch / "w.safetensors: ";
    REQUIRE(message.starts_with(start));
    return message.substr(start.size());
  }
  return "";
}

}  // namespace

TEST_CASE("what the Inception network sees is what its peers show it", "[inception]") {
  std::ifstream file(folder + "inputs.txt");
  int cases = 0;
  for (std::string line; std::getline(file, line); ++cases) {
    std::istringstream words(line);
    std::string name, resize;
    words >> name >> resize;
    const std::vector<float> expected = numbers(words);
    const Tensor input =
        inception_input(byte_scale(photograph(name), Rounding::eight_bits), resize);
    REQUIRE((input.shape() == Shape{299, 299, 3}));
    REQUIRE(expected.size() == (input.size() + 498) / 499);
    double worst = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
      worst = std::max(worst, std::abs(double(input.data()[i * 499]) - expected[i]));
    INFO(name << " " << resize);
    CHECK(worst < 1e-5);  // of a range of 2
  }
  CHECK(cases == 6);
}

TEST_CASE("a grey image is one with three like channels to the Inception network", "[inception]") {
  Tensor grey(Shape{5, 7, 1}), colour(Shape{5, 7, 3});
  for (std::size_t i = 0; i < colour.size(); ++i)
    colour.data()[i] = grey.data()[i / 3] = float(i / 3 * 37 % 256);
  for (const char* resize : {"clean", "legacy_pytorch", "legacy_tensorflow"})
    CHECK((inception_input(grey, resize) == inception_input(colour, resize)));
}

TEST_CASE(
    "Inception features agree with pytorch-fid's network, whatever the batch, the threads "
    "and the kinds asked for",
    "[inception]") {
  const test::Scratch scratch;
  const std::string weights = scratch / "weights.safetensors";
  test::write_weights(weights, test::formula_weights());
  std::map<std::string, FeatureExtractor> by_tap;
  for (const char* tap : {"64", "192", "768", "2048"})
    by_tap[tap] = extractor(weights, ",resize=legacy_pytorch,tap=" + std::string(tap));
  by_tap["biased"] = extractor(weights, ",resize=legacy_pytorch,logits=biased");
  by_tap["unbiased"] = by_tap["spatial"] = by_tap["2048"];
  const FeatureExtractor half = extractor(weights, ",resize=legacy_pytorch,precision=bf16");
  std::ifstream file(folder + "features.txt");
  int cases = 0;
  for (std::string line; std::getline(file, line); ++cases) {
    std::istringstream words(line);
    std::string name, what;
    words >> name >> what;
    const FeatureKind kind = what.ends_with("biased") ? FeatureKind::logits
                             : what == "spatial"      ? FeatureKind::spatial
                                                      : FeatureKind::features;
    const Tensor row = extract(by_tap.at(what), reference_image(name), kind);
    const std::vector<float> expected = numbers(words);
    INFO(name << " " << what);
    CHECK(difference(row, expected, row.size() > 700 ? 16 : 4) < 1e-5);
    if (what == "2048") {
      const double moved = difference(extract(half, reference_image(name), kind), expected, 16);
      CHECK(moved < 0.03);
      CHECK(moved > 1e-4);
    }
  }
  CHECK(cases == 28);

  std::vector<Tensor> images;
  for (std::size_t i = 0; i < 7; ++i) images.push_back(half.prepare(pattern(30, 40, 11 * i)));
  for (const FeatureExtractor& each : {by_tap["2048"], half}) {
    const std::vector<Tensor> together = each.run(images, each.kinds);
    const int before = threads();
    for (const int team : {1, 2})
      for (std::size_t i = 0; i < images.size(); i += 3)
        for (std::size_t k = 0; k < each.kinds.size(); ++k) {
          set_threads(team);
          const auto some = std::span(images).subspan(i, std::min<std::size_t>(3, 7 - i));
          const Tensor rows = each.run(some, std::span(each.kinds).subspan(k, 1)).at(0);
          REQUIRE(std::memcmp(rows.data(), together[k].data() + i * rows.shape()[1],
                              rows.size() * sizeof(float)) == 0);
        }
    set_threads(before);
  }

  CHECK(by_tap["2048"].name().starts_with("inception (weights "));
  CHECK(by_tap["768"].name().starts_with("inception-768 (weights "));
  const std::string hash = by_tap["64"].provenance.at("weights").get<std::string>();
  CHECK(hash.size() == 7 + 64);
  CHECK(by_tap["64"].provenance.at("resize") == "legacy_pytorch");
  CHECK(by_tap["64"].provenance.at("precision") == "float32");
  CHECK_FALSE(by_tap["64"].provenance.contains("weights_file"));
  CHECK(half.provenance.at("precision") == "bf16");
}

TEST_CASE("the hash of weights is that of the tensors, whatever holds them", "[inception]") {
  const test::Scratch scratch;
  const auto hash_of = [&](const std::vector<test::FormulaTensor>& tensors) {
    test::write_weights(scratch / "w.safetensors", tensors);
    return InceptionWeights(scratch / "w.safetensors").identity().sha256;
  };
  auto tensors = test::formula_weights();
  const std::string hash = hash_of(tensors);
  // tests/data/fid-inception/weights.py says the same.
  CHECK(hash == "02461ab40ef4c27b5abba00ef20aae9afdbd310c9a1f5efd40a534c6e2edb325");
  std::ranges::reverse(tensors);
  CHECK(hash_of(tensors) == hash);
  tensors[3].values[0] += 1;
  CHECK(hash_of(tensors) != hash);
  tensors[3].values[0] -= 1;
  for (auto& tensor : tensors)
    if (tensor.name.ends_with("bn.weight")) std::ranges::fill(tensor.values, 1.0f);
  const std::string of_ones = hash_of(tensors);
  std::erase_if(tensors, [](const auto& tensor) { return tensor.name.ends_with("bn.weight"); });
  CHECK(hash_of(tensors) == of_ones);
}

TEST_CASE("a file as long as the published weights is not taken for them", "[inception]") {
  const test::Scratch scratch;
  test::write_weights(scratch / "w.safetensors", test::formula_weights());
  std::string bytes = read_file(scratch / "w.safetensors");
  REQUIRE(bytes.size() < inception_bytes);
  std::uint64_t header;
  std::memcpy(&header, bytes.data(), sizeof header);
  const std::size_t missing = inception_bytes - bytes.size();
  bytes.insert(sizeof header + header, missing, ' ');
  header += missing;
  std::memcpy(bytes.data(), &header, sizeof header);
  write_file(scratch / "long.safetensors", bytes);
  const auto identity = [&](const char* name) {
    return InceptionWeights(scratch / name).identity();
  };
  CHECK_FALSE(identity("long.safetensors").published);
  CHECK(identity("long.safetensors").sha256 == identity("w.safetensors").sha256);
}

TEST_CASE("weights of another network are refused by the first difference", "[inception]") {
  using Tensors = std::vector<test::FormulaTensor>;
  CHECK(refusal([](Tensors&) {}).empty());
  CHECK(refusal([](Tensors& all) {
          all.push_back({"Mixed_5b.branch1x1.bn.num_batches_tracked", {}, {}});
        }).empty());
  // NVIDIA's copy has no factor.
  CHECK(refusal([](Tensors& all) {
          std::erase_if(all, [](const auto& t) { return t.name.ends_with("bn.weight"); });
        }).empty());
  const std::string start = "not the weights of the FID Inception: ";
  CHECK_THAT(refusal([](Tensors& all) { all.erase(all.begin() + 7); }),
             Contains(start + "lacks the tensor 'Conv2d_2a_3x3.bn.bias'"));
  CHECK_THAT(refusal([](Tensors& all) {
               all[0].shape = {32, 3, 5, 5};
             }),
             Contains(start + "the tensor 'Conv2d_1a_3x3.conv.weight' is 32 x 3 x 5 x 5, not 32 x "
                              "3 x 3 x 3"));
  CHECK_THAT(refusal([](Tensors& all) {
               all.push_back({"Mixed_8a.weight", {1}, {}});
             }),
             Contains(start + "has the tensor 'Mixed_8a.weight'"));
  CHECK_THAT(refusal([](Tensors& all) {
               (all.end() - 2)->shape = {1000, 2048};
             }),
             Contains("these are torchvision's weights of Inception v3, another network"));
}

TEST_CASE("TorchScript's copy of the Inception network goes by TensorFlow's names", "[inception]") {
  CHECK(refusal([](std::vector<test::FormulaTensor>& all) {
          for (auto& tensor : all) {
            const auto leaf = tensor.name.find(".conv.") != tensor.name.npos
                                  ? tensor.name.rfind(".conv.")
                                  : tensor.name.rfind(".bn.");
            const auto unit = std::ranges::find(inception_units(), tensor.name.substr(0, leaf),
                                                &InceptionUnit::name);
            if (unit == inception_units().end()) {
              tensor.name.replace(0, 2, "output");
              continue;
            }
            const bool of_norm = tensor.name.find(".bn.") != tensor.name.npos;
            const std::string word = tensor.name.substr(tensor.name.rfind('.') + 1);
            tensor.name = "layers." + unit->script + "." +
                          (of_norm && word == "weight" ? "gamma"
                           : word == "bias"            ? "beta"
                                                       : word);
          }
        }).empty());
}

TEST_CASE("a file of weights that is not there is described", "[inception]") {
  CHECK_THROWS_WITH(make_features("inception:weights=/nowhere/w.pth", {Rounding::eight_bits}),
                    Contains("/nowhere/w.pth: not there; the weights of the FID Inception are "
                             "pt_inception-2015-12-05-6726825d.pth (95,628,359 bytes)") &&
                        EndsWith("or name it with `features` inception:weights=FILE"));
  CHECK_THAT(default_inception_path(),
             EndsWith("/diffusion-tools/pt_inception-2015-12-05-6726825d.pth"));
}

TEST_CASE("the parameters are known without a file of weights", "[inception]") {
  std::vector<std::string> keys;
  for (const Parameter& each : feature_parameters(find_row(feature_families(), "inception", "")))
    keys.push_back(each.key + (each.file ? " FILE" : ""));
  CHECK(keys == std::vector<std::string>{"tap", "resize", "logits", "precision", "weights FILE"});
}
