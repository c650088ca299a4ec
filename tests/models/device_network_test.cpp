// Networks on a plugin's devices against the processor's.
#include "lib/models/device_network.hpp"

#include <cmath>
#include <thread>

#include "lib/base/error.hpp"
#include "lib/models/graph_network.hpp"
#include "lib/models/model_denoiser.hpp"
#include "lib/models/pieces.hpp"
#include "lib/schedule/schedule.hpp"
#include "tests/nn/gradients.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/xla_plugin.hpp"

namespace diffusion {
namespace {

const Json with_classes = parse_json(R"({
  "in_channels": 2, "out_channels": 2, "block_out_channels": [8], "layers_per_block": 1,
  "down_block_types": ["DownBlock2D"], "up_block_types": ["UpBlock2D"], "norm_num_groups": 4,
  "attention_head_dim": null, "num_class_embeds": 4})",
                                     "with classes");

Json without_classes() {
  Json config = with_classes;
  config.erase("num_class_embeds");
  return config;
}

/// The same network on both engines, and what it is asked. What was compiled is kept in a folder
/// of its own.
struct Twins {
  test::Scratch cache;
  std::shared_ptr<xla::Client> client;
  std::unique_ptr<Network> processor;
  std::vector<std::size_t> compiled;
  std::unique_ptr<DeviceNetwork> device;

  Twins(std::shared_ptr<xla::Client> devices, const Json& config)
      : client(std::move(devices)), processor(make_blank_network(config)) {
    setenv("XDG_CACHE_HOME", cache.folder().c_str(), 1);
    device = std::make_unique<DeviceNetwork>(
        config, network_row(config).graph(config),
        NetworkDevice{.client = client, .watch = [this](std::size_t images) -> xla::CompileWatch {
                        return {.done = [this, images](double) { compiled.push_back(images); }};
                      }});
    randomise(0.3f);
  }

  void randomise(float scale) {
    nn::randomise(processor->parameters(), scale);
    nn::randomise(device->parameters(), scale);
  }
};

/// One device, so that programs are compiled once.
std::shared_ptr<xla::Client> one_device(const std::string& test) {
  const auto all = test::xla_client(test);
  return all ? xla::Client::open(all->plugin().path(), {.devices = {0}}) : nullptr;
}

struct Question {
  nn::Tensor x;
  std::vector<float> timesteps;
  std::vector<int> labels;
};

Question question(std::int64_t images) {
  Question q{nn::random_tensor({images, 4, 6, 2}, 1), {}, {}};
  for (std::int64_t n = 0; n < images; ++n) {
    q.timesteps.push_back(float(37 * n + 1));
    q.labels.push_back(int(n) % 5 - 1);
  }
  return q;
}

nn::Tensor ask(const Network& network, const Question& q, nn::Tape* tape = nullptr) {
  return network.forward(q.x, q.timesteps, q.labels, tape);
}

/// Relative to the second's length.
double distance(const nn::Tensor& a, const nn::Tensor& b) {
  REQUIRE(a.dims() == b.dims());
  double off = 0, size = 0;
  for (std::size_t i = 0; i < b.count(); ++i) {
    off += std::pow(double(a.floats()[i]) - b.floats()[i], 2);
    size += std::pow(double(b.floats()[i]), 2);
  }
  return std::sqrt(off / size);
}

bool same(const nn::Tensor& a, const nn::Tensor& b) {
  return a.dims() == b.dims() && std::ranges::equal(a.floats(), b.floats());
}

}  // namespace

TEST_CASE("a device says what the processor says, for other weights other things",
          "[xla][models]") {
  const auto client = one_device("device network");
  if (!client) return;
  Twins twins(client, with_classes);
  const Question q = question(5);
  const nn::Tensor y = ask(*twins.device, q);
  CHECK(distance(y, ask(*twins.processor, q)) < 1e-4);
  twins.randomise(0.2f);
  const nn::Tensor other = ask(*twins.device, q);
  CHECK(distance(other, y) > 0.1);
  CHECK(distance(other, ask(*twins.processor, q)) < 1e-4);
  Question unlabelled = q;
  unlabelled.labels.clear();
  CHECK(distance(ask(*twins.device, unlabelled), ask(*twins.processor, unlabelled)) < 1e-4);
  CHECK(twins.compiled == std::vector<std::size_t>{5});  // once for all that
}

TEST_CASE("batches that are nearly as large are filled up, and their bits are the same",
          "[xla][models]") {
  const auto client = one_device("device batches");
  if (!client) return;
  Twins twins(client, with_classes);
  const Question all = question(6);
  const nn::Tensor whole = ask(*twins.device, all);
  for (const std::size_t count : {3, 4, 5}) {
    CAPTURE(count);
    const Question some{images_of(all.x, {0, count}),
                        {all.timesteps.begin(), all.timesteps.begin() + std::ptrdiff_t(count)},
                        {all.labels.begin(), all.labels.begin() + std::ptrdiff_t(count)}};
    CHECK(same(ask(*twins.device, some), images_of(whole, {0, count})));
  }
  CHECK(twins.compiled == std::vector<std::size_t>{6});
  CHECK(distance(ask(*twins.device, question(2)), ask(*twins.processor, question(2))) < 1e-4);
  CHECK(twins.compiled == std::vector<std::size_t>{6, 2});
}

TEST_CASE("a device gives the derivative of the images", "[xla][models]") {
  const auto client = one_device("device derivative");
  if (!client) return;
  for (const Json& config : {with_classes, without_classes()}) {
    Twins twins(client, config);
    Question q = question(3);
    if (!config.contains("num_class_embeds")) q.labels.clear();
    const auto pulled = [&](const Network& network) {
      nn::Tape tape;
      ask(network, q, &tape);
      const nn::Tensor dx = network.backward(nn::random_tensor(q.x.dims(), 2), tape);
      CHECK(tape.empty());
      return dx;
    };
    CHECK(distance(pulled(*twins.device), pulled(*twins.processor)) < 1e-4);
  }
}

TEST_CASE("a device in bf16 is near", "[xla][models]") {
  const auto client = one_device("device bf16");
  if (!client) return;
  Twins twins(client, with_classes);
  const Question q = question(3);
  const nn::Tensor exact = ask(*twins.device, q);
  twins.device->compute_in(nn::DType::bfloat16);
  const double off = distance(ask(*twins.device, q), exact);
  CHECK(off < 0.03);
  CHECK(off > 1e-4);  // it is not float32
}

TEST_CASE("threads at once take turns on all devices", "[xla][models]") {
  const auto client = test::xla_client("devices in turn");
  if (!client || client->devices().size() < 2) return;
  Twins twins(xla::Client::open(client->plugin().path(), {.devices = {0, 1}}), with_classes);
  const Question q = question(3);
  const nn::Tensor expected = ask(*twins.processor, q);
  std::vector<nn::Tensor> said(8);
  std::vector<std::thread> threads;
  for (nn::Tensor& y : said) threads.emplace_back([&] { y = ask(*twins.device, q); });
  for (std::thread& thread : threads) thread.join();
  for (const nn::Tensor& y : said) {
    CHECK(same(y, said[0]));
    CHECK(distance(y, expected) < 1e-4);
  }
  CHECK(twins.compiled == std::vector<std::size_t>{3, 3});  // for each device
}

TEST_CASE("denoisers and pullbacks hand whole batches to a device", "[xla][models]") {
  const auto client = one_device("device denoiser");
  if (!client) return;
  Twins twins(client, without_classes());
  const auto shared = [](auto& network) {
    return std::shared_ptr<const Network>(std::shared_ptr<void>(), network.get());
  };
  const NoiseLevel at = make_schedule("cosine", 100).at(40);
  const NetworkFace face{Prediction::eps, Path::variance_preserving};
  Tensor x(Shape{9, 4, 6, 2}), v(Shape{9, 4, 6, 2});
  NoiseSource(7, "test").fill({x.data(), x.size()}, 1, 0);
  NoiseSource(7, "test").fill({v.data(), v.size()}, 2, 0);
  const auto near = [](const Tensor& a, const Tensor& b) {
    for (std::size_t i = 0; i < b.size(); ++i)
      CHECK(a.data()[i] == Approx(b.data()[i]).margin(1e-3));
  };
  near(model_denoiser(shared(twins.device), face)(x, at).x0,
       model_denoiser(shared(twins.processor), face)(x, at).x0);
  const Pulled ours = model_pullback(shared(twins.device), face)(x, at, v);
  const Pulled theirs = model_pullback(shared(twins.processor), face)(x, at, v);
  near(ours.x0, theirs.x0);
  near(ours.derivative, theirs.derivative);
  CHECK(twins.compiled == std::vector<std::size_t>{9, 9});
}

TEST_CASE("what a device network does not take is refused as on the processor", "[xla][models]") {
  const auto client = one_device("device refusals");
  if (!client) return;
  Twins twins(client, with_classes), plain(client, without_classes());
  const auto said = [](const Network& network, const Question& q) -> std::string {
    try {
      ask(network, q);
      return "";
    } catch (const Error& e) {
      return e.what();
    }
  };
  Question q = question(2);
  q.labels[1] = 4;
  CHECK(said(*twins.device, q) == said(*twins.processor, q));
  CHECK(!said(*twins.device, q).empty());
  CHECK(said(*plain.device, q) == said(*plain.processor, q));
  CHECK(!said(*plain.device, q).empty());
  q = question(2);
  q.x = nn::random_tensor({2, 4, 6, 3}, 1);
  CHECK(said(*twins.device, q) == said(*twins.processor, q));
  CHECK(!said(*twins.device, q).empty());
  CHECK(twins.compiled.empty());
}

}  // namespace diffusion
