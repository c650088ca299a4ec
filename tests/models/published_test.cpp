// Networks under the names of their authors' programs say what those programs say.
#include "lib/models/published.hpp"

#include <cmath>

#include "lib/base/error.hpp"
#include "lib/tensor/formats/safetensors.hpp"
#include "tests/nn/gradients.hpp"
#include "tests/support/network_reference.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using nn::Dims;

namespace {

const std::string data = TEST_DATA_DIR "/published/";

/// `numbers` of make.py.
std::vector<float> waves(const std::string& name, std::size_t count) {
  std::size_t seed = 0;
  for (std::size_t i = 0; i < name.size(); ++i) seed += (i + 1) * std::size_t(name[i]);
  const double from = double(seed % 1000);
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = float(0.1 * std::sin((1.0 + 0.001 * from) * double(i) + from));
  return values;
}

/// A file of weights with those names and shapes, but for `left_out`.
std::string write_weights(const test::Scratch& scratch, const Json& shapes,
                          const std::string& left_out = "") {
  std::vector<std::vector<float>> kept;
  std::vector<SafetensorsArray> arrays;
  for (const auto& [name, extents] : shapes.items()) {
    std::vector<std::size_t> shape;
    std::size_t count = 1;
    for (const Json& extent : extents) count *= shape.emplace_back(extent.get<std::size_t>());
    kept.push_back(waves(name, count));
    if (name != left_out) arrays.push_back(safetensors_array(name, shape, kept.back()));
  }
  const std::string path = scratch / "weights.safetensors";
  write_safetensors(path, std::move(arrays), {});
  return path;
}

std::unique_ptr<Network> network_of(const PublishedFile& file) {
  const TrainedNetwork trained = open_published_network(file);
  auto network = make_blank_network(trained.config);
  trained.fill(*network);
  return network;
}

/// The distance of what it says from what the reference has of it.
double error_of(const Network& network, const std::string& name, const std::vector<int>& labels,
                Dims in) {
  test::NetworkReference reference("published/" + name, test::NetworkReference::Holds::numbers);
  const nn::Tensor x = reference.tensor(in);
  const auto timesteps = reference.next(std::size_t(in.n));
  const nn::Tensor y = network.forward(x, timesteps, labels, nullptr);
  const double error = nn::relative_distance(y.floats(), reference.tensor(y.dims()).floats());
  CHECK(reference.at == reference.numbers.size());
  return error;
}

std::string refusal(const PublishedFile& file) {
  try {
    network_of(file);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("U-Nets of OpenAI's programs say what they say there", "[published]") {
  const std::string name = GENERATE("guided", "improved");
  CAPTURE(name);
  const Json said = read_json(data + name + ".json");
  const test::Scratch scratch;
  const std::string path = write_weights(scratch, said["shapes"]);
  const std::string form = said["form"].get<std::string>();
  const auto network = network_of({.path = path, .form = form, .schedule = "cosine"});
  const auto labels = said["labels"].get<std::vector<int>>();
  const Dims in{3, 8, name == "guided" ? 8 : 4, 3};
  // Sinusoids of t = 900 are off by 5e-5 for the last bit of a frequency.
  CHECK(error_of(*network, name, labels, in) < 1e-5);
}

TEST_CASE("transformers of their authors say what they say there", "[published]") {
  const std::string name = GENERATE("dit", "sit");
  CAPTURE(name);
  const auto network = network_of({.path = data + name + ".pt", .form = name + ":heads=3"});
  CHECK(error_of(*network, name, {0, 4, 2}, {3, 8, 8, 3}) < 1e-5);
}

TEST_CASE("a checkpoint's weights may be those that were trained", "[published]") {
  const PublishedFile file{.path = data + "dit.pt", .form = "dit:heads=3"};
  PublishedFile raw = file, average = file;
  raw.weights = "raw";
  average.weights = "ema";
  const auto usual = network_of(file), trained = network_of(raw), averaged = network_of(average);
  const auto first = [](const Network& network) {
    return network.parameters().value(network.parameters().all().front())[0];
  };
  CHECK(first(*usual) == first(*averaged));
  CHECK(first(*trained) == Approx(first(*usual) + 1));  // as make.py has them
}

TEST_CASE("what such a file lacks, or has too much, is named", "[published]") {
  const std::string dit = data + "dit.pt";
  CHECK(refusal({.path = dit, .form = "dit"}) ==
        dit + ": does not say how many heads a width of 24 has: `as` dit:heads=N does");
  CHECK(refusal({.path = dit, .form = "dit:heads=5"}) ==
        "model config: num_heads: must be a divisor of hidden_size, 24, got 5");
  CHECK(refusal({.path = dit, .form = "dit:heads=3,size=16"}) ==
        dit + ": pos_embed has the shape [1, 16, 24] where images of 16 x 16 have 64 tokens");
  CHECK(
      refusal({.path = dit, .form = "unet"}).starts_with("unknown form of weights 'unet' (have:"));
  CHECK(refusal({.path = dit, .form = "adm:size=8", .schedule = "linear"}) ==
        dit + ": its blocks are not those of a U-Net of OpenAI's (0 on the way down, 0 up)");
  CHECK(refusal({.path = dit, .form = "adm:size=8"}).find("`schedule` says it") !=
        std::string::npos);
  CHECK(refusal({.path = dit, .form = "adm", .schedule = "linear"})
            .starts_with("adm: size must be said"));

  const Json said = read_json(data + "guided.json");
  const test::Scratch scratch;
  const auto without = [&](const std::string& name, const std::string& form) {
    const std::string path = write_weights(scratch, said["shapes"], name);
    const std::string why = refusal({.path = path, .form = form, .schedule = "linear"});
    return why.starts_with(path) ? why.substr(path.size()) : why;
  };
  CHECK(without("", "adm:size=8") ==
        ": attends, and does not say by how many heads: `as` adm:head_channels=N or adm:heads=N "
        "does");
  CHECK(without("", "adm:size=8,heads=5") ==
        ": heads do not divide the 64 channels of a layer that attends");
  CHECK(without("middle_block.2.in_layers.0.bias", "adm:size=8,heads=4") ==
        ": has no array 'middle_block.2.in_layers.0.bias'");
  CHECK(without("input_blocks.3.1.norm.weight", "adm:size=8,heads=4") ==
        ": has no array 'input_blocks.3.1.norm.weight'");
}
