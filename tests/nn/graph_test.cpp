#include "lib/nn/graph.hpp"

#include <set>

#include "lib/base/error.hpp"
#include "lib/nn/cuts.hpp"
#include "lib/nn/processor.hpp"
#include "tests/nn/gradients.hpp"
#include "tests/support/sample_graphs.hpp"

namespace diffusion::nn {
namespace {

using test::SampleGraph;

/// A graph with weights, and a batch for it.
struct Running {
  Parameters parameters;
  Processor processor;
  Tensor x;
  std::vector<float> timesteps;
  std::vector<int> labels;

  explicit Running(const SampleGraph& sample)
      : processor(sample.graph, parameters), x(random_tensor(sample.images, 1)) {
    randomise(parameters, 0.3f);
    for (std::int64_t n = 0; n < x.dims().n; ++n) {
      timesteps.push_back(float(3 * n + 1));
      if (sample.graph.classes() > 0) labels.push_back(int(n) % 3 - 1);
    }
  }
  Tensor forward(Tape* tape) const {
    if (tape) tape->draws = {NoiseSource(3, "test").key(), 77};
    return processor.forward({x, timesteps, labels}, DType::float32, tape);
  }
};

std::vector<SampleGraph> trainable_graphs() {
  std::vector<SampleGraph> all = test::sample_graphs();
  std::erase_if(all, [](const SampleGraph& sample) { return !sample.is_trainable(); });
  return all;
}

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("samples of graphs have every kind of layer", "[nn][graph]") {
  std::set<std::size_t> kinds;
  for (const SampleGraph& sample : test::sample_graphs())
    for (const Node& node : sample.graph.nodes()) kinds.insert(node.layer.index());
  CHECK(kinds.size() == std::variant_size_v<Layer>);
}

TEST_CASE("every kind of layer: sizes", "[nn][graph]") {
  for (const SampleGraph& sample : test::sample_graphs()) {
    CAPTURE(sample.name);
    const nn::Tensor y = Running(sample).forward(nullptr);
    CHECK(y.dims() == sample.graph.sizes(sample.images).back());
    CHECK(y.dtype() == DType::float32);
  }
}

TEST_CASE("every kind of layer that is trained: derivatives", "[nn][graph]") {
  for (const SampleGraph& sample : trainable_graphs()) {
    CAPTURE(sample.name);
    Running run(sample);
    Gradients gradients(run.parameters);
    const Tensor y = run.forward(&gradients.tape), dy = random_tensor(y.dims(), 2);
    CHECK(run.processor.backward(dy, DType::float32, gradients.tape).empty());
    CHECK(gradients.tape.empty());
    const auto loss = [&] {
      Tape unused;
      return dot(run.forward(&unused), dy);
    };
    check_parameter_gradients(run.parameters, gradients, loss);

    Tape tape;
    run.forward(&tape);
    const Tensor dx = run.processor.backward(dy, DType::float32, tape);
    CHECK(tape.empty());
    REQUIRE(dx.dims() == run.x.dims());
    check_slope(run.x.floats(), dx.floats(), loss, 0);
  }
}

TEST_CASE("a graph's way back leaves what it was given as it was", "[nn][graph]") {
  for (const SampleGraph& sample : trainable_graphs()) {
    CAPTURE(sample.name);
    const Running run(sample);
    const std::vector<float> x(run.x.floats().begin(), run.x.floats().end());
    Gradients gradients(run.parameters);
    const Tensor y = run.forward(&gradients.tape), dy = random_tensor(y.dims(), 2);
    const std::vector<float> before(dy.floats().begin(), dy.floats().end());
    run.processor.backward(dy, DType::float32, gradients.tape);
    CHECK(std::ranges::equal(run.x.floats(), x));
    CHECK(std::ranges::equal(dy.floats(), before));
    CHECK(std::ranges::equal(run.forward(nullptr).floats(), run.forward(nullptr).floats()));
  }
}

TEST_CASE("parts that are computed anew give the same bits from less memory", "[nn][graph]") {
  std::size_t in_parts = 0;
  for (const SampleGraph& sample : trainable_graphs()) {
    CAPTURE(sample.name);
    const Running run(sample);
    in_parts += plan(sample.graph).back().part > 0 ? 1 : 0;
    const auto all = [&](bool recomputes) {
      Gradients gradients(run.parameters);
      gradients.tape.recomputes = recomputes;
      const Tensor y = run.forward(&gradients.tape);
      run.processor.backward(random_tensor(y.dims(), 2), DType::float32, gradients.tape);
      CHECK(gradients.tape.empty());
      std::vector<float> bits(y.floats().begin(), y.floats().end());
      bits.insert(bits.end(), gradients.values.begin(), gradients.values.end());
      return bits;
    };
    CHECK(all(true) == all(false));
    Tape tape;
    tape.recomputes = true;
    const Tensor y = run.forward(&tape), dy = random_tensor(y.dims(), 2);
    Tape whole;
    run.forward(&whole);
    CHECK(std::ranges::equal(run.processor.backward(dy, DType::float32, tape).floats(),
                             run.processor.backward(dy, DType::float32, whole).floats()));
  }
  CHECK(in_parts >= 5);
}

TEST_CASE("parts begin where little is handed on", "[nn][graph]") {
  Graph g({.channels = 4});
  Value x = g.add(layers::Convolution{"first", {.in = 4, .out = 8}}, {g.images()});
  for (int block = 0; block < 4; ++block) {
    const std::string name = "block" + std::to_string(block);
    Value h = g.add(layers::Convolution{name + ".wide", {.in = 8, .out = 64}}, {x});
    h = g.add(layers::Gelu{}, {h});
    x = g.add(layers::Convolution{name + ".narrow", {.in = 64, .out = 8}}, {h});
  }
  CHECK(best_cuts(g) == std::vector<std::size_t>{5, 8, 11});
  std::size_t before = 0;
  for (const Step& step : plan(g)) {
    CHECK((step.part == before || step.part == before + 1));
    before = step.part;
  }
  CHECK(before == 3);
}

TEST_CASE("a plan sums in place, and onto a shortcut", "[nn][graph]") {
  const auto forms = [](const SampleGraph& sample) {
    std::vector<Step::Form> all;
    for (const Step& step : plan(sample.graph))
      if (step.form != Step::Form::plain) all.push_back(step.form);
    return all;
  };
  using enum Step::Form;
  CHECK(forms(test::sample::residual("", 8)) == std::vector{over_second});
  CHECK(forms(test::sample::residual("", 6)) == std::vector{onto_first});
  // The first sum has x, which others take, twice; the others their predecessor's buffer.
  CHECK(forms(test::sample::many_ways()) == std::vector{over_first, over_first});
}

TEST_CASE("weights stand in the order in which they are declared", "[nn][graph]") {
  Graph g({.channels = 2});
  const layers::Convolution first{"first", conv3x3(2, 2)}, last{"last", conv3x3(2, 2)};
  g.declare(last);
  g.add(last, {g.add(first, {g.images()})});
  std::vector<std::string> names;
  for (const WeightShape& weight : g.weights()) names.push_back(weight.name);
  CHECK(names ==
        std::vector<std::string>{"last.weight", "last.bias", "first.weight", "first.bias"});
}

TEST_CASE("a graph refuses what does not fit, and names the layer", "[nn][graph]") {
  const auto adds = [](const Layer& layer) {
    return refusal([&] {
      Graph g({.channels = 8, .multiple = 4});
      g.add(layer, {g.images(), g.images()});
    });
  };
  CHECK(adds(layers::Convolution{"c", conv3x3(3, 4)}) ==
        "network: 'c' (convolution) takes 3 channels where 8 come in");
  CHECK(adds(layers::Convolution{"c", {.in = 8, .out = 4, .kernel = 5}}) ==
        "network: 'c' (convolution) leaves nothing of 4 x 4 x 8");
  CHECK(adds(layers::Linear{"l", 8, 4}) ==
        "network: 'l' (linear) takes one vector an image where 4 x 4 x 8 come in");
  CHECK(adds(layers::GroupNorm{"n", 8, 3}) ==
        "network: 'n' (group norm) has 8 channels, which 3 groups do not divide");
  CHECK(adds(layers::Attention{3}) ==
        "network: a layer (attention) of 3 heads can't divide 8 channels");
  CHECK(adds(layers::Patches{3, 2}) ==
        "network: a layer (patches) can't cut 4 x 4 x 8 into patches of 3 x 2");
  CHECK(adds(layers::Unpatching{3, 1}) ==
        "network: a layer (unpatching) can't make patches of 3 x 1 of 8 channels");
  CHECK(adds(layers::Pooling{.window = 5}) ==
        "network: a layer (pooling) leaves nothing of 4 x 4 x 8");
  CHECK(adds(layers::Pooling{.pad = 3}) ==
        "network: a layer (pooling) has windows outside the image");
  CHECK(refusal([] {
          Graph g({.channels = 8, .height = 3, .width = 4});
          g.add(layers::MeanDownsampling{}, {g.images()});
        }) == "network: a layer (down-sampling) can't halve 3 x 4 x 8");
  CHECK(adds(layers::ChannelRange{6, 3}) ==
        "network: a layer (channel range) takes channels 6 to 8 of 8");
  CHECK(refusal([] {
          Graph g({.channels = 8, .multiple = 2});
          g.add(layers::Sum{}, {g.images(), g.add(layers::NearestUpsampling{}, {g.images()})});
        }) == "network: a layer (sum) can't join 2 x 2 x 8 with 4 x 4 x 8");

  const Graph g({.channels = 2, .height = 4, .width = 6});
  CHECK(refusal([&] { g.check({1, 4, 4, 2}); }) == "images of 4 x 4: the network takes 4 x 6");
  CHECK(refusal([&] {
          g.check({1, 4, 6, 3});
        }) == "images have 3 channels where the network takes 2");
}

}  // namespace diffusion::nn
