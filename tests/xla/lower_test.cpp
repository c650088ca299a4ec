// Networks on XLA's engine against the processor's: what they say, and all gradients.
#include "lib/xla/lower.hpp"

#include <cmath>
#include <cstring>

#include "lib/models/network.hpp"
#include "lib/nn/onednn/convolution.hpp"
#include "lib/nn/processor.hpp"
#include "lib/xla/derivative.hpp"
#include "lib/xla/gradients_in_parts.hpp"
#include "tests/nn/gradients.hpp"
#include "tests/support/mlp_network.hpp"
#include "tests/support/sample_graphs.hpp"
#include "tests/xla/evaluate.hpp"

namespace diffusion::xla {
namespace {

using test::SampleGraph;

std::span<const float> floats(const nn::Tensor& x) { return x.floats(); }

/// A graph with weights, a batch for it, and where its loss goes.
struct Case {
  const SampleGraph& sample;
  nn::Parameters parameters;
  nn::Processor processor;
  nn::Tensor x, dy;
  std::vector<float> timesteps;
  std::vector<int> labels;
  nn::ExampleDraws draws{NoiseSource(3, "test").key(), 0xffffffffu};  // the words carry

  explicit Case(const SampleGraph& of)
      : sample(of),
        processor(of.graph, parameters),
        x(nn::random_tensor(of.images, 1)),
        dy(nn::random_tensor(of.graph.sizes(of.images).back(), 2)) {
    nn::randomise(parameters, 0.3f);
    for (std::int64_t n = 0; n < x.dims().n; ++n) {
      timesteps.push_back(float(37 * n + 1));
      if (of.graph.classes() > 0) labels.push_back(int(n) % 3 - 1);
    }
  }

  /// The output, and the gradient of all weights as one array where they can be trained.
  Arrays by_processor(nn::DType working) const {
    nn::Gradients gradients(parameters);
    gradients.tape.draws = draws;
    const nn::Tensor y = processor.forward({x, timesteps, labels}, working, &gradients.tape);
    if (!sample.is_trainable()) return {{floats(y).begin(), floats(y).end()}};
    processor.backward(dy, working, gradients.tape);
    return {{floats(y).begin(), floats(y).end()}, gradients.values};
  }

  enum class Parts { kept, anew };
  Arrays by_plugin(Client& client, Type working, Parts parts = Parts::kept) const;
};

/// Parameters of a program and what is handed to them.
struct Handed {
  Client& client;
  Program& program;
  std::vector<Buffer> buffers = {};

  Value operator()(const Shape& shape, const void* data) {
    buffers.push_back(client.upload(data, shape));
    return program.parameter(shape);
  }
  Value operator()(const nn::Tensor& x) {
    const nn::Dims d = x.dims();
    return (*this)({Type::f32, {d.n, d.h, d.w, d.c}}, x.data());
  }
};

Arrays Case::by_plugin(Client& client, Type working, Parts parts) const {
  Program program;
  Handed hand{client, program};
  const std::int64_t n = x.dims().n;
  const Value flat =
      hand({Type::f32, {std::int64_t(parameters.size())}}, parameters.values().data());
  NetworkArguments arguments{.images = hand(x), .sinusoids = {}, .working = working};
  for (const nn::SinusoidShape& shape : sinusoids_of(sample.graph))
    arguments.sinusoids.push_back(
        hand({Type::f32, {n, shape.channels}}, nn::sinusoids(timesteps, shape).data()));
  if (!labels.empty()) arguments.labels = hand({Type::s32, {n}}, labels.data());
  const std::uint32_t first[] = {std::uint32_t(draws.first), std::uint32_t(draws.first >> 32)};
  arguments.draws = {hand({Type::u32, {2}}, draws.key.data()), hand({Type::u32, {2}}, first)};
  const Value slope = hand(dy);

  const std::vector<Value> weights = separate_weights(sample.graph, flat);
  const Value y = lower(sample.graph, weights, arguments);
  const Seed seed{y, slope};
  program.result(y);
  if (sample.is_trainable() && parts == Parts::kept)
    program.result(flat_array(gradients(program, {&seed, 1}, weights)));
  else if (sample.is_trainable())
    program.result(flat_array(
        gradients_in_parts(sample.graph, weights, arguments, [&](Value) { return slope; })));
  const Executable compiled = client.compile({text(program), signature(program)});
  Arguments all;
  for (Buffer& buffer : hand.buffers) all.push_back(&buffer);
  Arrays results;
  for (const Buffer& result : compiled.run(all)) results.push_back(result.read<float>());
  return results;
}

/// Each weight's gradient relative to its norm, floored at 1e-3 of the largest: some derivatives
/// are exactly zero.
void check_gradients(const Case& of, std::span<const float> got, std::span<const float> expected,
                     double tolerance) {
  double largest = 0;
  const auto part = [](std::span<const float> all, const nn::Param& param) {
    return all.subspan(param.offset, param.size);
  };
  for (const nn::Param& param : of.parameters.all())
    largest = std::max(largest, nn::norm(part(expected, param)));
  for (const nn::Param& param : of.parameters.all()) {
    CAPTURE(param.name);
    const double size = std::max(nn::norm(part(expected, param)), 1e-3 * largest);
    CHECK(nn::distance(part(got, param), part(expected, param)) <= tolerance * size);
  }
}

std::vector<SampleGraph> samples_and_networks() {
  std::vector<SampleGraph> all = test::sample_graphs();
  std::vector<NetworkInfo> rows(networks().begin(), networks().end());
  rows.push_back(test::mlp_network());
  for (const NetworkInfo& row : rows) {
    const bool points = row.takes == NetworkData::points;
    const NetworkTask task{
        .sides = points ? ImageSides{1, 1} : ImageSides{8, 12}, .channels = 3, .classes = 2};
    Json config = row.fit(default_network(row), task);
    for (const std::string_view key : row.training_keys)
      if (key == "dropout") config["dropout"] = 0.2;
    all.push_back({std::string(row.name),
                   row.graph(config),
                   {3, std::int64_t(task.sides.height), std::int64_t(task.sides.width), 3}});
  }
  const Json unet = parse_json(R"({
    "in_channels": 2, "out_channels": 2, "block_out_channels": [8, 16], "layers_per_block": 1,
    "down_block_types": ["AttnDownBlock2D", "AttnDownBlock2D"],
    "up_block_types": ["AttnUpBlock2D", "AttnUpBlock2D"], "norm_num_groups": 4,
    "attention_head_dim": 4, "center_input_sample": true, "downsample_padding": 0,
    "mid_block_scale_factor": 1.5, "freq_shift": 1, "flip_sin_to_cos": false})",
                               "unet");
  // Differences would meet its kink.
  all.push_back(test::sample::of("group norm and max(0, x)", {2, 4, 6, 3}, 8,
                                 nn::layers::GroupNorm{"n", 8, 2, 1e-5f, nn::Activation::relu}));
  all.push_back({"U-Net with attention", network_row(unet).graph(unet), {2, 4, 6, 2}});
  return all;
}

}  // namespace

TEST_CASE("every layer and network: the plugin agrees with the processor", "[xla][graph]") {
  const auto client = test::xla_client("every layer and network");
  if (!client) return;
  for (const SampleGraph& sample : samples_and_networks()) {
    CAPTURE(sample.name);
    const Case of(sample);
    const Arrays expected = of.by_processor(nn::DType::float32);
    const Arrays got = of.by_plugin(*client, Type::f32);
    CHECK(nn::distance(got[0], expected[0]) <= 1e-4 * nn::norm(expected[0]));
    if (!sample.is_trainable()) continue;
    check_gradients(of, got[1], expected[1], 1e-4);
    check_gradients(of, of.by_plugin(*client, Type::f32, Case::Parts::anew)[1], expected[1], 1e-4);
  }
}

// Rounded to 8 bits in other places: a few 2^-8 of a vector's length.
TEST_CASE("in bf16 the plugin is as near to float32 as the processor", "[xla][graph]") {
  const auto client = test::xla_client("every layer in bf16");
  if (!client || !nn::onednn::has_products_of(nn::DType::bfloat16)) return;
  for (const SampleGraph& sample : test::sample_graphs()) {
    CAPTURE(sample.name);
    const Case of(sample);
    const Arrays exact = of.by_processor(nn::DType::float32);
    const Arrays ours = of.by_processor(nn::DType::bfloat16);
    const Arrays got = of.by_plugin(*client, Type::bf16);
    for (std::size_t i = 0; i < exact.size(); ++i) {
      const double size = nn::norm(exact[i]);
      CHECK(nn::distance(got[i], exact[i]) <= 2 * nn::distance(ours[i], exact[i]) + 0x1p-8 * size);
    }
  }
}

}  // namespace diffusion::xla
