#include "lib/models/transformer.hpp"

#include <cmath>

#include "lib/base/error.hpp"
#include "tests/nn/gradients.hpp"
#include "tests/support/network_reference.hpp"

using namespace diffusion;
using nn::Dims;

namespace {

const Json small = parse_json(R"({
  "_class_name": "DiT", "sample_size": 8, "in_channels": 1, "patch_size": 2, "hidden_size": 24,
  "depth": 2, "num_heads": 3})",
                              "small");

Json with(const std::string& key, const Json& value) {
  Json config = small;
  config[key] = value;
  return config;
}

std::string refusal(const Json& config) {
  try {
    make_network(config, 0);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

std::string misfit(const NetworkTask& task) {
  try {
    dit_network().fit({{"patch_size", 4}}, task);
  } catch (const Error& error) {
    return error.what();
  }
  return "fits";
}

}  // namespace

TEST_CASE("diffusion transformers compute what PyTorch computes", "[dit]") {
  const std::string name = GENERATE("square", "oblong", "jit", "context", "diffusers");
  CAPTURE(name);
  test::NetworkReference reference("transformer/" + name);
  const auto dit = make_network(reference.config, 0);
  const auto sides = *network_row(reference.config).images(reference.config).sides;
  const auto channels = [&](const char* key) { return reference.config[key].get<int>(); };
  const Dims in{3, std::int64_t(sides.height), std::int64_t(sides.width), channels("in_channels")};
  Dims out = in;
  out.c = channels("out_channels");
  std::vector<int> labels;
  for (const Json& label : reference.config.value("_labels", Json::array()))
    labels.push_back(label.get<int>());

  const nn::Tensor x = reference.tensor(in);
  const auto timesteps = reference.next(3);
  const nn::Tensor expected = reference.tensor(out), dy = reference.tensor(out);
  auto& parameters = dit->parameters();
  for (const nn::Param* param : test::sorted(parameters))
    std::ranges::copy(reference.next(param->size), parameters.value(*param).begin());
  parameters.touch();

  nn::Gradients gradients(parameters);
  const nn::Tensor y = dit->forward(x, timesteps, labels, &gradients.tape);
  // The last bit of a frequency, 6e-8, turns sinusoids of t = 900 by 5e-5.
  CHECK(nn::relative_distance(y.floats(), expected.floats()) < 1e-5);
  dit->backward(dy, gradients.tape);
  CHECK(gradients.tape.empty());
  test::check_derivatives(gradients, parameters, reference);
}

TEST_CASE("a transformer begins as one that says nothing", "[dit]") {
  const auto dit = make_network(with("num_classes", 3), 1);
  const nn::Tensor x = nn::random_tensor({2, 8, 8, 1}, 1);
  const std::vector<float> timesteps{1, 900};
  const nn::Tensor y = dit->forward(x, timesteps, {}, nullptr);
  for (const float value : y.floats()) CHECK(value == 0);
  for (const nn::Param& param : dit->parameters().all()) {
    CAPTURE(param.name);
    const double size = nn::norm(std::as_const(*dit).parameters().value(param));
    const double each = size / std::sqrt(double(param.size));
    if (param.name == "blocks.1.attn.qkv.weight")
      CHECK(each == Approx(std::sqrt(2.0 / (24 + 72))).epsilon(0.05));
    if (param.name == "t_embedder.mlp.0.weight") CHECK(each == Approx(0.02).epsilon(0.05));
    if (param.name.ends_with("bias")) CHECK(size == 0);
  }
}

TEST_CASE("dropout in a transformer leaves features out in training alone", "[dit]") {
  const auto dit = make_network(with("dropout", 0.4), 3);
  nn::randomise(dit->parameters(), 0.2f);
  const nn::Tensor x = nn::random_tensor({2, 8, 8, 1}, 1), dy = nn::random_tensor(x.dims(), 2);
  const std::vector<float> timesteps{40, 900};
  const auto forward = [&](nn::Tape& tape) {
    tape.draws = {NoiseSource(3, "diff-train").key(), 77};
    return dit->forward(x, timesteps, {}, &tape);
  };
  nn::Gradients gradients(dit->parameters());
  const nn::Tensor y = forward(gradients.tape);
  dit->backward(dy, gradients.tape);
  CHECK(gradients.tape.empty());
  nn::check_parameter_gradients(dit->parameters(), gradients, [&] {
    nn::Tape unused;
    return nn::dot(forward(unused), dy);
  });
  const auto calm = make_network(small, 3);
  nn::randomise(calm->parameters(), 0.2f);
  const nn::Tensor without = calm->forward(x, timesteps, {}, nullptr);
  const nn::Tensor asleep = dit->forward(x, timesteps, {}, nullptr);
  CHECK(std::ranges::equal(asleep.floats(), without.floats()));
  CHECK(nn::relative_distance(y.floats(), without.floats()) > 0.05);
}

TEST_CASE("a transformer in bfloat16 is near itself in float32", "[dit][bfloat16]") {
  const auto dit = make_network(small, 3);
  nn::randomise(dit->parameters(), 0.2f);
  const nn::Tensor x = nn::random_tensor({4, 8, 8, 1}, 1), dy = nn::random_tensor(x.dims(), 2);
  const std::vector<float> timesteps{1, 40, 900, 300};
  const auto run = [&](nn::DType type) {
    dit->compute_in(type);
    nn::Gradients gradients(dit->parameters());
    const nn::Tensor y = dit->forward(x, timesteps, {}, &gradients.tape);
    dit->backward(dy, gradients.tape);
    return std::pair(y, gradients.values);
  };
  const auto [y, g] = run(nn::DType::float32);
  const auto [rounded_y, rounded_g] = run(nn::DType::bfloat16);
  // Some 30 roundings on the longest way, 2^-8 / sqrt(3) on average: sqrt(30 / 3) 2^-8 = 0.0124;
  // twice that backward.
  CHECK(nn::relative_distance(rounded_y.floats(), y.floats()) < 0.0124);
  CHECK(nn::relative_distance(rounded_g, g) < 0.025);
  CHECK(nn::relative_distance(rounded_y.floats(), y.floats()) > 1e-4);
}

TEST_CASE("configurations of transformers are refused by name", "[dit]") {
  CHECK(refusal(small) == "accepted");
  CHECK(refusal(with("block_out_channels", {1, 2})) ==
        "model config: no key 'block_out_channels' in DiT");
  CHECK(refusal(with("num_heads", 5)) ==
        "model config: num_heads: must be a divisor of hidden_size, 24, got 5");
  CHECK(refusal(with("patch_size", 3)) ==
        "model config: patch_size: must be a divisor of sample_size, got 3");
  CHECK(refusal(with("hidden_size", 30)).starts_with("model config: hidden_size: must be a mult"));
  CHECK(refusal(with("mlp_ratio", 0)).starts_with("model config: mlp_ratio: must be a number in"));
  CHECK(refusal(with("sample_size", {4096, 4096})) ==
        "model config: sample_size: must be of at most 65536 patches, got [4096,4096]");
  const std::int64_t absurd[] = {0, -1, std::int64_t(1) << 31, std::int64_t(1) << 62};
  for (const char* const key : {"depth", "hidden_size", "num_heads", "patch_size", "in_channels",
                                "out_channels", "num_classes", "sample_size"})
    for (const std::int64_t value : absurd)
      CHECK(refusal(with(key, value))
                .starts_with("model config: " + std::string(key) + ": must be a whole number"));
}

TEST_CASE("a transformer is fitted to images that its patches divide", "[dit]") {
  CHECK(misfit({.sides = {8, 12}, .channels = 3}) == "fits");
  CHECK(misfit({.sides = {9, 12}, .channels = 3}) ==
        "the images are 9 x 12 pixels, which patches of 4 do not divide; `size` 12x12 resizes "
        "them, or change model.patch_size");
  CHECK(misfit({.sides = {4096, 4096}, .channels = 3})
            .ends_with("more than 65536 patches of 4; raise model.patch_size"));
  const Json config = dit_network().fit(
      {{"patch_size", 4}},
      {.sides = {8, 12}, .channels = 3, .classes = 5, .variance = VarianceOutput::learned});
  CHECK(config["sample_size"] == Json::array({8, 12}));
  CHECK(config["out_channels"] == 6);
  CHECK(config["num_classes"] == 5);
  CHECK(dit_network().images(config).labels == 6);
}

TEST_CASE("networks and their sizes have short names", "[models]") {
  CHECK(named_network("unet") == default_network(networks()[0]));
  CHECK(named_network("dit") == default_network(dit_network()));
  const Json s2 = named_network("DiT-S/2");
  CHECK(s2["_class_name"] == "DiT");
  CHECK(s2["patch_size"] == 2);
  CHECK(s2["hidden_size"] == 384);
  CHECK(of_other_network(s2, "dit-b/4")["hidden_size"] == 384);  // asked for before
  CHECK(of_other_network(named_network("unet"), "dit-b/4") == named_network("dit-b/4"));
  CHECK_THROWS_AS(named_network("dit-s/3"), Error);
}
