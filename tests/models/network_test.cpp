// Every row of networks(), and a second network that only tests know, is held to what the
// rest of the program takes for granted.
#include "lib/models/network.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/train/trainer.hpp"
#include "tests/nn/gradients.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/mlp_network.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using nn::Dims;

namespace {

std::vector<NetworkInfo> all_rows() {
  std::vector<NetworkInfo> rows(networks().begin(), networks().end());
  rows.push_back(test::mlp_network());
  return rows;
}

constexpr NetworkTask plain{.sides = {8, 8}, .channels = 3};
constexpr NetworkTask labelled{
    .sides = {8, 4}, .channels = 1, .classes = 4, .variance = VarianceOutput::learned};

/// Of points where the network is for those.
NetworkTask for_row(const NetworkInfo& row, NetworkTask task) {
  if (row.takes == NetworkData::points) task.sides = {1, 1};
  return task;
}

std::unique_ptr<Network> make_blank(const NetworkInfo& row, const Json& config) {
  return make_blank_network(config, {&row, 1});
}

/// What training on `task` would make, with weights that no start leaves at zero.
std::unique_ptr<Network> trained(const NetworkInfo& row, const NetworkTask& task) {
  auto network = make_blank(row, row.fit(default_network(row), for_row(row, task)));
  nn::randomise(network->parameters(), 0.2f);
  return network;
}

struct Shown {
  nn::Tensor x;
  std::vector<float> timesteps;
  std::vector<int> labels;

  Shown(const NetworkTask& task, std::int64_t n)
      : x(nn::random_tensor({n, std::int64_t(task.sides.height), std::int64_t(task.sides.width),
                             std::int64_t(task.channels)},
                            1)) {
    for (std::int64_t i = 0; i < n; ++i) {
      timesteps.push_back(float(1 + 97 * i));
      if (task.classes > 0) labels.push_back(int(i % std::int64_t(task.classes + 1)));
    }
  }

  nn::Tensor through(const Network& network, nn::Tape* tape = nullptr) const {
    return network.forward(x, timesteps, labels, tape);
  }
};

std::string refusal(const auto& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("every network's defaults are among its keys, and no key has to be given", "[models]") {
  for (const NetworkInfo& row : all_rows()) {
    CAPTURE(row.name);
    CHECK_FALSE(row.summary.empty());
    CHECK_FALSE(row.reference.empty());
    auto keys = row.keys();
    CHECK_NOTHROW(row.images(Json::object()));
    const Json defaults = default_network(row);
    CHECK(defaults.begin().key() == "_class_name");
    CHECK(defaults["_class_name"] == row.name);
    for (const auto& [key, value] : defaults.items())
      CHECK((key == "_class_name" || std::ranges::find(keys, key) != keys.end()));
    std::vector<std::string> listed;
    for (const Parameter& parameter : network_parameters(row)) listed.push_back(parameter.key);
    std::ranges::sort(listed);
    std::ranges::sort(keys);
    CHECK(listed == keys);
    CHECK(std::ranges::adjacent_find(keys) == keys.end());
  }
}

TEST_CASE("keys that may change between trainings alter no weight", "[models]") {
  for (const NetworkInfo& row : all_rows()) {
    const Json config = row.fit(default_network(row), for_row(row, plain));
    const auto known = row.keys();
    Json other = config;
    for (const auto keys : {row.image_keys, row.training_keys}) {
      other = without_keys(other, keys);
      for (const std::string_view key : keys) {
        CAPTURE(row.name, key);
        CHECK(std::ranges::find(known, key) != known.end());
        CHECK_FALSE(other.contains(key));
      }
    }
    const auto then = make_blank(row, config), now = make_blank(row, other);
    REQUIRE(then->parameters().all().size() == now->parameters().all().size());
    for (std::size_t i = 0; i < then->parameters().all().size(); ++i) {
      CHECK(then->parameters().all()[i].name == now->parameters().all()[i].name);
      CHECK(then->parameters().all()[i].shape == now->parameters().all()[i].shape);
    }
  }
}

TEST_CASE("every network refuses a key it does not have, and proposes one it has", "[models]") {
  for (const NetworkInfo& row : all_rows()) {
    Json config = row.fit(default_network(row), for_row(row, plain));
    config[row.keys().front() + "x"] = 1;
    const std::string expected = "model config: no key '" + row.keys().front() + "x' in " +
                                 std::string(row.name) + " (did you mean '" + row.keys().front() +
                                 "'?)";
    CHECK(refusal([&] { row.images(config); }) == expected);
    CHECK(refusal([&] { row.check(config); }) == expected);
    CHECK(refusal([&] { make_blank(row, config); }) == expected);
    CHECK_NOTHROW(row.check(default_network(row)));
  }
}

TEST_CASE("every network is made to fit its images, and says what they are", "[models]") {
  for (const NetworkInfo& row : all_rows())
    for (const NetworkTask& task : {for_row(row, plain), for_row(row, labelled)}) {
      CAPTURE(row.name, task.channels);
      const Json config = row.fit(default_network(row), task);
      const NetworkImages images = row.images(config);
      CHECK(images.channels == task.channels);
      CHECK(images.labels == (task.classes == 0 ? 0 : task.classes + 1));
      REQUIRE(images.sides);
      CHECK(images.sides->height == task.sides.height);
      CHECK(images.sides->width == task.sides.width);
      CHECK(row.fit(config, task) == config);  // nothing is left to complete
      const auto network = make_blank(row, config);
      CHECK(network->config() == config);
      const Shown batch(task, 5);
      const Dims in = batch.x.dims();
      const bool learned = task.variance == VarianceOutput::learned;
      const Dims out{in.n, in.h, in.w, in.c * (learned ? 2 : 1)};
      CHECK(batch.through(*network).dims() == out);
    }
}

TEST_CASE("every network refuses images and labels that are not its own", "[models]") {
  for (const NetworkInfo& row : all_rows()) {
    CAPTURE(row.name);
    const auto network = trained(row, plain);
    const std::vector<float> time{1};
    const std::vector<int> label{0};
    const nn::Tensor other = nn::random_tensor({1, 8, 8, 1}, 1);
    CHECK_THROWS_AS(network->forward(other, time, {}, nullptr), Error);
    CHECK_THROWS_AS(network->forward(Shown(for_row(row, plain), 1).x, time, label, nullptr), Error);
  }
}

TEST_CASE("every network's derivatives agree with central differences", "[models]") {
  for (const NetworkInfo& row : all_rows()) {
    CAPTURE(row.name);
    const auto network = trained(row, labelled);
    const Shown batch(for_row(row, labelled), 3);
    nn::Gradients gradients(network->parameters());
    const nn::Tensor dy = nn::random_tensor(batch.through(*network, &gradients.tape).dims(), 2);
    for (float& value : dy.floats()) value *= 0.5f;  // less of float32's rounding in the loss
    CHECK(network->backward(dy, gradients.tape).empty());
    CHECK(gradients.tape.empty());
    nn::check_parameter_gradients(network->parameters(), gradients,
                                  [&] { return nn::dot(batch.through(*network), dy); });

    nn::Tape of_input;
    batch.through(*network, &of_input);
    const nn::Tensor dx = network->backward(dy, of_input);
    CHECK(of_input.empty());
    nn::check_slope(
        batch.x.floats(), dx.floats(), [&] { return nn::dot(batch.through(*network), dy); }, 1);
  }
}

TEST_CASE("every network gives an image the same bits in any company", "[models]") {
  for (const NetworkInfo& row : all_rows()) {
    const auto network = trained(row, plain);
    const nn::Tensor many = Shown(for_row(row, plain), 7).through(*network);
    const nn::Tensor one = Shown(for_row(row, plain), 1).through(*network);
    CAPTURE(row.name);
    CHECK(std::ranges::equal(one.floats(), many.floats().first(one.count())));
  }
}

TEST_CASE("every network starts from its seed alone", "[models]") {
  const auto rows = all_rows();
  for (const NetworkInfo& row : rows) {
    CAPTURE(row.name);
    const Json config = row.fit(default_network(row), for_row(row, labelled));
    const auto weights = [&](std::uint64_t seed) {
      const auto network = make_network(config, seed, rows);
      const auto values = network->parameters().values();
      return std::vector<float>(values.begin(), values.end());
    };
    CHECK(weights(1) == weights(1));
    CHECK(weights(1) != weights(2));
    const auto blank = make_blank_network(config, rows);
    CHECK(std::ranges::all_of(blank->parameters().values(), [](float w) { return w == 0; }));
  }
}

TEST_CASE("a network says of each weight where it starts", "[models]") {
  const std::vector<NetworkInfo> rows{test::mlp_network()};
  const Json config = rows[0].fit(default_network(rows[0]), labelled);
  const auto network = make_network(config, 1, rows);
  for (const nn::Param& param : network->parameters().all()) {
    CAPTURE(param.name);
    double squares = 0;
    const auto value = network->parameters().value(param);
    for (const float v : value) squares += double(v) * v;
    const double size = std::sqrt(squares / double(value.size()));
    if (param.name.starts_with("last."))
      CHECK(size == 0);
    else if (param.name == "classes.weight")
      CHECK(size == Approx(0.02).epsilon(0.15));
    else if (param.name.starts_with("first."))  // uniform, 32 inputs
      CHECK(size == Approx(1 / std::sqrt(32.0 * 3)).epsilon(0.3));
  }
}

TEST_CASE("a network is chosen by name, and the names are listed", "[models]") {
  const auto rows = all_rows();
  CHECK(network_row(Json::object(), rows).name == rows.front().name);
  CHECK(network_row({{"_class_name", "TestMLP"}}, rows).name == "TestMLP");
  CHECK(find_network({{"_class_name", "none"}}, rows) == nullptr);
  std::vector<std::string> names;
  for (const NetworkInfo& row : rows) names.emplace_back(row.name);
  CHECK(refusal([&] {
          network_row({{"_class_name", "none"}}, rows);
        }) == "model config: no network 'none' (has: " + join(names, ", ") + ")");
  CHECK(refusal([&] {
          network_row({{"_class_name", 3}}, rows);
        }) == "model config: _class_name: must be a string, got 3");
}

TEST_CASE("another network brings its defaults and keeps what was asked for", "[models]") {
  const auto rows = all_rows();
  const Json unet = default_network(rows.front()), mlp = default_network(rows.back());
  CHECK(of_other_network(unet, "TestMLP", rows) == mlp);
  CHECK(of_other_network(mlp, unet["_class_name"], rows) == unet);
  CHECK(of_other_network(mlp, "TestMLP", rows) == mlp);
  Json asked = unet;
  asked["layers_per_block"] = 3;
  asked["hidden"] = 7;
  const Json other = of_other_network(asked, "TestMLP", rows);
  CHECK(other["hidden"] == 7);            // asked for, before the network was named
  CHECK(other["layers_per_block"] == 3);  // asked for, and refused by name when it is made
  CHECK_FALSE(other.contains("block_out_channels"));
}

TEST_CASE("from the third training step on, no network asks the system for memory", "[models]") {
  const nn::DType type = GENERATE(nn::DType::float32, nn::DType::bfloat16);
  for (const NetworkInfo& row : all_rows()) {
    CAPTURE(row.name);
    const NetworkTask task = for_row(row, {.sides = {16, 16}, .channels = 1});
    const auto network = make_network(row.fit(default_network(row), task), 3, all_rows());
    network->compute_in(type);
    const auto height = std::int64_t(task.sides.height), width = std::int64_t(task.sides.width);
    const nn::Tensor x = nn::random_tensor({8, height, width, 1}, 1);
    const std::vector<float> timesteps(8, 10);
    nn::Gradients gradients(network->parameters());
    std::size_t before = 0;
    for (int step = 0; step < 5; ++step) {
      if (step == 2) before = nn::pool_use().requests;
      network->backward(network->forward(x, timesteps, {}, &gradients.tape), gradients.tape);
      network->parameters().touch();
    }
    CHECK(nn::pool_use().requests == before);
  }
}

TEST_CASE("any network is trained, written, read and trained on", "[models][train]") {
  const auto rows = all_rows();
  Json settings = default_config();
  set_config(settings, "train.batch", "4");
  for (const NetworkInfo& row : rows) {
    CAPTURE(row.name);
    const NetworkTask task = for_row(row, {.sides = {8, 8}, .channels = 1, .classes = 2});
    TrainingSet images(task.sides.height, task.sides.width, 1);
    for (int i = 0; i < 6; ++i)
      images.add(std::vector<float>(images.image_size(), float(i) / 6), Depth::float32, i % 2);
    const Json config = row.fit(default_network(row), task);
    const auto trainer = [&] {
      return Trainer(make_network(config, 1, rows), images, make_schedule("cosine:T=10"), settings);
    };
    const test::Scratch scratch;
    Trainer first = trainer();
    first.step();
    first.save(scratch / "one.safetensors");
    const ModelFile file(scratch / "one.safetensors", rows);
    CHECK(file.images().labels == 3);
    const auto read = file.network("raw");
    CHECK(std::ranges::equal(read->parameters().values(), first.network().parameters().values()));
    CHECK(read->config() == config);

    first.step();
    Trainer second = trainer();
    second.restore(file);
    second.step();
    CHECK(std::ranges::equal(second.network().parameters().values(),
                             first.network().parameters().values()));
  }
}

TEST_CASE("a network knows what its weights were once called", "[models]") {
  const std::vector<NetworkInfo> rows{test::mlp_network()};
  const Json config = rows[0].fit(default_network(rows[0]), plain);
  const auto network = make_network(config, 1, rows);
  nn::Parameters then;
  for (const nn::Param& param : network->parameters().all())
    then.add(param.name.starts_with("first.") ? "in." + param.name.substr(6) : param.name,
             param.shape);
  const test::Scratch scratch;
  const ModelDescription about{.model = config,
                               .schedule = Json::object(),
                               .objective = Json::object(),
                               .data = Json::object(),
                               .training = Json::object()};
  const WeightSet sets[] = {{"", network->parameters().values()}};
  write_model_file(scratch / "old.safetensors", about, then, sets);
  const auto read = ModelFile(scratch / "old.safetensors", rows).network();
  CHECK(std::ranges::equal(read->parameters().values(), network->parameters().values()));
}

TEST_CASE("a model file of an unknown network names those that there are", "[models]") {
  const test::Scratch scratch;
  const auto rows = all_rows();
  const auto network = trained(rows.back(), plain);
  const ModelDescription about{.model = network->config(),
                               .schedule = Json::object(),
                               .objective = Json::object(),
                               .data = Json::object(),
                               .training = Json::object()};
  const WeightSet sets[] = {{"", network->parameters().values()}};
  const std::string path = scratch / "m.safetensors";
  write_model_file(path, about, network->parameters(), sets);
  const std::string expected =
      path + ": metadata 'model': model config: no network 'TestMLP' (has: UNet2DModel";
  CHECK(refusal([&] { ModelFile(path).network(); }).starts_with(expected));
  CHECK(refusal([&] { (void)ModelFile(path).images(); }).starts_with(expected));
}
