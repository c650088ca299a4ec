#include "lib/models/unet.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/parallel.hpp"
#include "lib/models/initialise.hpp"
#include "lib/rng/noise_source.hpp"
#include "tests/nn/gradients.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/network_reference.hpp"

using namespace diffusion;
using nn::Dims;

namespace {

const Json small = parse_json(R"({
  "in_channels": 1, "out_channels": 1, "block_out_channels": [16, 32], "layers_per_block": 1,
  "down_block_types": ["DownBlock2D", "AttnDownBlock2D"],
  "up_block_types": ["AttnUpBlock2D", "UpBlock2D"], "norm_num_groups": 8})",
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

}  // namespace

TEST_CASE("the U-Net computes what diffusers computes", "[unet]") {
  const std::string name = GENERATE("attention", "plain", "guided", "scaled", "cifar10", "celebahq",
                                    "ncsnpp", "labelled", "learned", "mish");
  CAPTURE(name);
  test::NetworkReference reference("unet/" + name);
  const auto unet = make_network(reference.config, 0);
  const auto& size = reference.config["sample_size"];
  const std::int64_t height = size.is_array() ? size[0].get<int>() : size.get<int>();
  const std::int64_t width = size.is_array() ? size[1].get<int>() : size.get<int>();
  const Dims in{2, height, width, reference.config["in_channels"].get<int>()};
  const Dims out{2, height, width, reference.config["out_channels"].get<int>()};

  const nn::Tensor x = reference.tensor(in);
  const auto timesteps = reference.next(2);
  const nn::Tensor expected = reference.tensor(out), dy = reference.tensor(out);
  auto& parameters = unet->parameters();
  for (const nn::Param* param : test::sorted(parameters))
    std::ranges::copy(reference.next(param->size), parameters.value(*param).begin());
  parameters.touch();

  std::vector<int> labels;
  if (reference.config.contains("class_embed_type")) labels = {3, 7};
  nn::Gradients gradients(parameters);
  const nn::Tensor y = unet->forward(x, timesteps, labels, &gradients.tape);
  CHECK(nn::relative_distance(y.floats(), expected.floats()) < 2e-6);
  unet->backward(dy, gradients.tape);
  CHECK(gradients.tape.empty());
  test::check_derivatives(gradients, parameters, reference);
}

TEST_CASE("a whole U-Net's derivative agrees with central differences", "[unet]") {
  Json config = with("num_class_embeds", 3);
  config["block_out_channels"] = {8, 16};
  config["norm_num_groups"] = 4;
  const auto unet = make_network(config, 5);
  const nn::Tensor x = nn::random_tensor({3, 4, 4, 1}, 1), dy = nn::random_tensor({3, 4, 4, 1}, 2);
  const std::vector<float> timesteps{1, 40, 900};
  const std::vector<int> labels{2, -1, 0};
  nn::Gradients gradients(unet->parameters());
  unet->forward(x, timesteps, labels, &gradients.tape);
  unet->backward(dy, gradients.tape);
  CHECK(gradients.tape.empty());
  nn::check_parameter_gradients(unet->parameters(), gradients, [&] {
    return nn::dot(unet->forward(x, timesteps, labels, nullptr), dy);
  });
}

TEST_CASE("with dropout, too, the derivative agrees with central differences", "[unet]") {
  Json config = with("dropout", 0.4);
  config["block_out_channels"] = {8, 16};
  config["norm_num_groups"] = 4;
  const auto unet = make_network(config, 5);
  const nn::Tensor x = nn::random_tensor({3, 4, 4, 1}, 1), dy = nn::random_tensor({3, 4, 4, 1}, 2);
  const std::vector<float> timesteps{1, 40, 900};
  const auto forward = [&](nn::Tape& tape) {
    tape.draws = {NoiseSource(3, "diff-train").key(), 77};
    return unet->forward(x, timesteps, {}, &tape);
  };
  nn::Gradients gradients(unet->parameters());
  const nn::Tensor y = forward(gradients.tape);
  unet->backward(dy, gradients.tape);
  CHECK(gradients.tape.empty());
  nn::check_parameter_gradients(unet->parameters(), gradients, [&] {
    nn::Tape unused;
    return nn::dot(forward(unused), dy);
  });
  const nn::Tensor calm = unet->forward(x, timesteps, {}, nullptr);
  CHECK(nn::relative_distance(y.floats(), calm.floats()) > 0.05);
}

TEST_CASE("dropout stands before a residual block's second convolution", "[unet]") {
  const auto row = network_row(small);
  const nn::Graph graph = row.graph(with("dropout", 0.5));
  std::size_t found = 0;
  for (const nn::Node& node : graph.nodes()) {
    if (node.inputs.empty()) continue;
    const auto* const dropout = std::get_if<nn::layers::Dropout>(&graph[node.inputs[0]].layer);
    if (!dropout) continue;
    CHECK(nn::name_of(node.layer) == dropout->name + ".conv2");
    ++found;
  }
  CHECK(found == 8);  // 2 + 2 + 4 residual blocks
}

TEST_CASE("a U-Net's derivative with respect to its input", "[unet]") {
  Json config = with("num_class_embeds", 3);
  config["block_out_channels"] = {8, 16};
  config["norm_num_groups"] = 4;
  config["center_input_sample"] = GENERATE(false, true);
  const auto unet = make_network(config, 5);
  const nn::Tensor x = nn::random_tensor({3, 4, 4, 1}, 1), dy = nn::random_tensor({3, 4, 4, 1}, 2);
  const std::vector<float> timesteps{1, 40, 900};
  const std::vector<int> labels{2, -1, 0};
  nn::Tape tape;
  unet->forward(x, timesteps, labels, &tape);
  const nn::Tensor dx = unet->backward(dy, tape);
  CHECK(tape.empty());
  for (std::uint64_t direction = 0; direction < 3; ++direction)
    nn::check_slope(
        x.floats(), dx.floats(),
        [&] { return nn::dot(unet->forward(x, timesteps, labels, nullptr), dy); }, direction);
}

TEST_CASE("a U-Net in bfloat16 is near itself in float32", "[unet][bfloat16]") {
  const auto unet = make_network(small, 3);
  const nn::Tensor x = nn::random_tensor({4, 16, 16, 1}, 1), dy = nn::random_tensor(x.dims(), 2);
  const std::vector<float> timesteps{1, 40, 900, 300};
  const auto run = [&](nn::DType type) {
    unet->compute_in(type);
    nn::Gradients gradients(unet->parameters());
    const nn::Tensor y = unet->forward(x, timesteps, {}, &gradients.tape);
    CHECK(y.dtype() == nn::DType::float32);
    unet->backward(dy, gradients.tape);
    return std::pair(y, gradients.values);
  };
  const auto [y, g] = run(nn::DType::float32);
  const auto [rounded_y, rounded_g] = run(nn::DType::bfloat16);
  // Some 60 roundings on the longest way, each of random sign, at most 2^-8 and
  // 2^-8 / sqrt(3) on average: together sqrt(60 / 3) 2^-8 = 0.017; twice that backward.
  CHECK(nn::relative_distance(rounded_y.floats(), y.floats()) < 0.017);
  CHECK(nn::relative_distance(rounded_g, g) < 0.034);
  CHECK(nn::relative_distance(rounded_y.floats(), y.floats()) > 1e-4);
}

TEST_CASE("initial weights follow the seed and PyTorch's bounds", "[unet]") {
  const auto a = make_network(small, 1), b = make_network(small, 1), c = make_network(small, 2);
  CHECK(std::ranges::equal(a->parameters().values(), b->parameters().values()));
  CHECK(!std::ranges::equal(a->parameters().values(), c->parameters().values()));
  for (const auto& param : a->parameters().all()) {
    const auto value = std::as_const(*a).parameters().value(param);
    if (param.name == "mid_block.resnets.0.conv1.weight") {
      const double bound = 1 / std::sqrt(32.0 * 9);
      CHECK(*std::ranges::max_element(value) < bound);
      CHECK(*std::ranges::max_element(value) > 0.99 * bound);
      CHECK(nn::norm(value) / std::sqrt(double(value.size())) ==
            Approx(bound / std::sqrt(3.0)).epsilon(0.02));
    }
    if (param.name == "mid_block.resnets.0.norm1.weight") CHECK(value[3] == 1);
    if (param.name == "mid_block.resnets.0.norm1.bias") CHECK(value[3] == 0);
  }
}

TEST_CASE("model configurations are refused by name", "[unet]") {
  CHECK(refusal(small) == "accepted");
  CHECK(refusal(with("_diffusers_version", "0.42.0")) == "accepted");
  CHECK(refusal(with("layer_per_block", 1)) ==
        "model config: no key 'layer_per_block' in UNet2DModel (did you mean 'layers_per_block'?)");
  CHECK(refusal(with("resnet_time_scale_shift", "scale_shift")) == "accepted");
  CHECK(refusal(with("resnet_time_scale_shift", "spatial")) ==
        "model config: resnet_time_scale_shift: must be \"default\" or \"scale_shift\" here, got "
        "\"spatial\"");
  CHECK(refusal(with("dropout", 1)) == "model config: dropout: must be a number in [0, 1), got 1");
  CHECK(refusal(with("norm_num_groups", 5)) ==
        "model config: norm_num_groups = 5 does not divide block_out_channels' 16");
  CHECK(refusal(with("down_block_types", {"DownBlock2D", "CrossAttnDownBlock2D"})) ==
        "model config: down_block_types[1]: must be DownBlock2D or AttnDownBlock2D or "
        "ResnetDownsampleBlock2D or SkipDownBlock2D or AttnSkipDownBlock2D here, got "
        "\"CrossAttnDownBlock2D\"");
  CHECK(refusal(with("up_block_types", {"UpBlock2D"})) ==
        "model config: up_block_types has 1 entries where block_out_channels has 2");
}

TEST_CASE("what diffusers alone can do with a key is refused by it", "[unet]") {
  const auto refused = [](const Json& more) {
    Json config = small;
    config.update(more);
    return refusal(config);
  };
  const std::string at = "model config: ";
  CHECK(refused({{"act_fn", "tanh"}}) ==
        at + "act_fn: must be \"silu\" or \"swish\" or \"mish\" or \"gelu\" or \"relu\" here, got "
             "\"tanh\"");
  CHECK(refused({{"class_embed_type", "identity"}}) ==
        at +
            "class_embed_type: must be null or \"timestep\" here, where labels are numbers and not "
            "vectors, got \"identity\"");
  CHECK(refused({{"class_embed_type", "projection"}}) ==
        at + "class_embed_type: must be null or \"timestep\" here, got \"projection\"");
  CHECK(
      refused({{"class_embed_type", "timestep"}, {"time_embedding_type", "fourier"}}) ==
      at +
          "class_embed_type: must be null where time_embedding_type is \"fourier\": label 0 has no "
          "logarithm, got \"timestep\"");
  CHECK(refused({{"time_embedding_type", "learned"}}) ==
        at + "num_train_timesteps: must be a whole number, of the times that time_embedding_type "
             "learned has vectors of, which is missing");
  CHECK(refused({{"time_embedding_type", "learned"},
                 {"num_train_timesteps", 5},
                 {"class_embed_type", "timestep"},
                 {"num_class_embeds", 6}}) ==
        at +
            "num_class_embeds: must be at most num_train_timesteps, whose vectors tell the labels, "
            "got 6");
  CHECK(
      refused(
          {{"down_block_types", {"DownBlock2D", "DownBlock2D"}}, {"downsample_type", "resnet"}}) ==
      at + "downsample_type: must be conv or null where none of down_block_types has attention: it "
           "is about these alone, got \"resnet\"");
  CHECK(refused({{"upsample_type", "resnet"}}) == "accepted");
  CHECK(refused({{"upsample_type", "linear"}}) ==
        at + "upsample_type: must be \"conv\" or \"resnet\" or null here, got \"linear\"");
  CHECK(
      refused({{"norm_num_groups", nullptr}}) ==
      at +
          "norm_num_groups: must be a whole number where blocks are not all skip blocks, got null");
  CHECK(refused({{"down_block_types", {"SkipDownBlock2D", "DownBlock2D"}}}) ==
        at + "down_block_types: must be skip blocks alone, or none of them, got "
             "[\"SkipDownBlock2D\",\"DownBlock2D\"]");
  CHECK(refused({{"up_block_types", {"SkipUpBlock2D", "SkipUpBlock2D"}}}) ==
        at + "out_channels: must be 3 for skip blocks, got 1");
  CHECK(refused({{"out_channels", 3}, {"up_block_types", {"SkipUpBlock2D", "SkipUpBlock2D"}}}) ==
        "accepted");
}

TEST_CASE("times that a network has no form of are refused", "[unet]") {
  const nn::Tensor x = nn::random_tensor({1, 4, 4, 1}, 1);
  const auto said = [&](const Json& config, float time) -> std::string {
    try {
      make_network(config, 1)->forward(x, {&time, 1}, {}, nullptr);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  const Json fourier = with("time_embedding_type", "fourier");
  CHECK(said(fourier, 0.01f) == "accepted");
  CHECK(said(fourier, 0).starts_with("time 0: the network takes the logarithm of its times"));
  Json learned = with("time_embedding_type", "learned");
  learned["num_train_timesteps"] = 20;
  CHECK(said(learned, 19) == "accepted");
  CHECK(said(learned, 20) == "time 20: the network has learned times 0 to 19");
  CHECK(said(learned, -1).starts_with("time -1: "));
}

TEST_CASE("frequencies of the time start large and stay", "[unet]") {
  const auto unet = make_network(with("time_embedding_type", "fourier"), 1);
  const auto& all = unet->parameters().all();
  const auto found = std::ranges::find(all, "time_proj.weight", &nn::Param::name);
  REQUIRE(found != all.end());
  CHECK(found->training == nn::Training::fixed);
  const auto value = std::as_const(*unet).parameters().value(*found);
  CHECK(nn::norm(value) / std::sqrt(double(value.size())) == Approx(16).epsilon(0.5));
}

TEST_CASE("no configuration makes a network of absurd size", "[unet]") {
  const std::int64_t absurd[] = {0, -1, std::int64_t(1) << 31, std::int64_t(1) << 62};
  for (const char* const key :
       {"layers_per_block", "in_channels", "norm_num_groups", "num_class_embeds", "sample_size",
        "time_embedding_dim", "attention_head_dim", "attn_norm_num_groups"})
    for (const std::int64_t value : absurd)
      CHECK(refusal(with(key, value))
                .starts_with("model config: " + std::string(key) + ": must be a whole number"));
  for (const std::int64_t value : absurd)
    CHECK(refusal(with("block_out_channels", {16, value}))
              .starts_with("model config: block_out_channels[1]: must be a whole number"));
  CHECK(refusal(with("layers_per_block", std::numeric_limits<std::uint64_t>::max()))
            .starts_with("model config: layers_per_block: must be a whole number from 1 to 256"));
  // Each number may be, but not all at once.
  CHECK(refusal(with("block_out_channels", {1 << 16, 1 << 16})).find("weights") !=
        std::string::npos);
}

TEST_CASE("images that do not fit the network are refused", "[unet]") {
  const auto unet = make_network(small, 0);
  const std::vector<float> time{1};
  const auto run = [&](Dims dims) { unet->forward(nn::random_tensor(dims, 0), time, {}, nullptr); };
  CHECK_NOTHROW(run({1, 2, 6, 1}));
  CHECK_THROWS_WITH(run({1, 7, 8, 1}),
                    "images of 7 x 8: the network takes heights and widths that are "
                    "multiples of 2");
  CHECK_THROWS_WITH(run({1, 8, 8, 3}), "images have 3 channels where the network takes 1");
}

TEST_CASE("early attention weight names are brought up to date", "[unet]") {
  CHECK(current_weight_name("mid_block.attentions.0.query.weight") ==
        "mid_block.attentions.0.to_q.weight");
  CHECK(current_weight_name("mid_block.attentions.0.key.bias") ==
        "mid_block.attentions.0.to_k.bias");
  CHECK(current_weight_name("down_blocks.1.attentions.1.value.bias") ==
        "down_blocks.1.attentions.1.to_v.bias");
  CHECK(current_weight_name("up_blocks.2.attentions.0.proj_attn.weight") ==
        "up_blocks.2.attentions.0.to_out.0.weight");
  CHECK(current_weight_name("time_proj.W") == "time_proj.weight");
  CHECK(current_weight_name("conv_in.weight") == "conv_in.weight");
}
