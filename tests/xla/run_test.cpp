// Programs on a plugin's devices, against numbers that are known.
#include "lib/xla/client.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/xla_plugin.hpp"
#include "tests/xla/programs.hpp"

namespace diffusion::xla {  // whose Shape is not the tensors'
namespace {

/// bf16 inside, the sums of each picture outside.
const ProgramText convolution{
    R"(module @conv {
  func.func public @main(%x: tensor<2x5x6x3xf32>, %w: tensor<3x3x3x4xf32>) -> tensor<2x4xf32> {
    %xb = stablehlo.convert %x : (tensor<2x5x6x3xf32>) -> tensor<2x5x6x3xbf16>
    %wb = stablehlo.convert %w : (tensor<3x3x3x4xf32>) -> tensor<3x3x3x4xbf16>
    %y = stablehlo.convolution(%xb, %wb) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [1, 1], pad = [[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x5x6x3xbf16>, tensor<3x3x3x4xbf16>) -> tensor<2x5x6x4xbf16>
    %f = stablehlo.convert %y : (tensor<2x5x6x4xbf16>) -> tensor<2x5x6x4xf32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %s = stablehlo.reduce(%f init: %zero) applies stablehlo.add across dimensions = [1, 2] : (tensor<2x5x6x4xf32>, tensor<f32>) -> tensor<2x4xf32>
    return %s : tensor<2x4xf32>
  }
})",
    {{{Type::f32, {2, 5, 6, 3}}, {Type::f32, {3, 3, 3, 4}}}, {{Type::f32, {2, 4}}}}};

/// Small whole numbers, of which bf16 and float32 lose none.
std::vector<float> small_numbers(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = float(int(i * 7 % 5) - 2);
  return values;
}

/// Sums over the places of the convolution with zeros around, as its definition says.
std::vector<float> convolution_sums(const std::vector<float>& x, const std::vector<float>& w) {
  std::vector<float> sums(8);
  for (int n = 0; n < 2; ++n)
    for (int row = 0; row < 5; ++row)
      for (int column = 0; column < 6; ++column)
        for (int i = 0; i < 3; ++i)
          for (int j = 0; j < 3; ++j) {
            const int r = row + i - 1, c = column + j - 1;
            if (r < 0 || r >= 5 || c < 0 || c >= 6) continue;
            for (int in = 0; in < 3; ++in)
              for (int out = 0; out < 4; ++out)
                sums[std::size_t(n * 4 + out)] += x[std::size_t(((n * 5 + r) * 6 + c) * 3 + in)] *
                                                  w[std::size_t(((i * 3 + j) * 3 + in) * 4 + out)];
          }
  return sums;
}

/// The sum over two replicas.
const ProgramText reduction{
    R"(module @r attributes {mhlo.num_replicas = 2 : i32, mhlo.num_partitions = 1 : i32} {
  func.func public @main(%x: tensor<8xf32> {tf.aliasing_output = 0 : i32}) -> tensor<8xf32> {
    %s = "stablehlo.all_reduce"(%x) ({
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        %c = stablehlo.add %a, %b : tensor<f32>
        stablehlo.return %c : tensor<f32>
    }) {replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>, channel_handle = #stablehlo.channel_handle<handle = 1, type = 1>} : (tensor<8xf32>) -> tensor<8xf32>
    return %s : tensor<8xf32>
  }
})",
    {{eight}, {eight}, {{0, 0}}}};

}  // namespace

TEST_CASE("a convolution in bf16 has the sums of its definition", "[xla]") {
  const auto client = test::xla_client("convolution");
  if (!client) return;
  const Executable executable = client->compile(convolution);
  const auto x = small_numbers(180), w = small_numbers(108);
  Buffer bx = client->upload(x.data(), executable.signature().parameters[0]);
  Buffer bw = client->upload(w.data(), executable.signature().parameters[1]);
  for (int run = 0; run < 2; ++run) {  // arguments that are not donated stay
    const auto results = executable.run({&bx, &bw});
    REQUIRE(results.size() == 1);
    CHECK(results[0].shape() == Shape{Type::f32, {2, 4}});
    CHECK(results[0].read<float>() == convolution_sums(x, w));
  }
}

TEST_CASE("a serialised program is loaded again, with the same bits", "[xla]") {
  const auto client = test::xla_client("serialisation");
  if (!client) return;
  const Executable made = client->compile(convolution);
  const Executable loaded = client->load(made.serialize(), convolution.signature);
  const auto x = small_numbers(180), w = small_numbers(108);
  Buffer bx = client->upload(x.data(), convolution.signature.parameters[0]);
  Buffer bw = client->upload(w.data(), convolution.signature.parameters[1]);
  CHECK(loaded.run({&bx, &bw})[0].read<float>() == convolution_sums(x, w));
}

TEST_CASE("donated arguments are consumed, the others stay", "[xla]") {
  const auto client = test::xla_client("donation");
  if (!client) return;
  const Executable executable = client->compile(update);
  const auto w = ramp(1), g = ramp(10);
  Buffer weights = client->upload(w.data(), eight), gradient = client->upload(g.data(), eight);
  std::vector<float> expected = w;
  for (int step = 0; step < 3; ++step) {
    auto results = executable.run({&weights, &gradient});
    CHECK_FALSE(weights);
    CHECK_THROWS_WITH(executable.run({&weights, &gradient}),
                      "argument 0 of the program is empty, or was donated before");
    for (std::size_t i = 0; i < 8; ++i) expected[i] += g[i];
    CHECK(results[1].read<float>() == expected);
    for (std::size_t i = 0; i < 8; ++i) expected[i] += g[i];
    weights = std::move(results[0]);
    CHECK(weights.read<float>() == expected);
    CHECK(gradient.read<float>() == g);
  }
  CHECK_THROWS_WITH(executable.run({&weights, &weights}),
                    "argument 0 is donated to the program and given to it twice");
  CHECK(weights.read<float>() == expected);
}

TEST_CASE("an argument that the signature does not donate survives the program's wish", "[xla]") {
  const auto client = test::xla_client("keeping");
  if (!client) return;
  ProgramText keeping = update;
  keeping.signature.donated.clear();
  const Executable executable = client->compile(keeping);
  const auto w = ramp(1), g = ramp(10);
  Buffer weights = client->upload(w.data(), eight), gradient = client->upload(g.data(), eight);
  const auto results = executable.run({&weights, &gradient});
  CHECK(results[0].read<float>()[0] == 21);
  CHECK(weights.read<float>() == w);
}

TEST_CASE("downloads under way end in their order of need", "[xla]") {
  const auto client = test::xla_client("downloads");
  if (!client) return;
  const Executable executable = client->compile(update);
  const auto g = ramp(1);
  Buffer weights = client->upload(g.data(), eight), gradient = client->upload(g.data(), eight);
  std::vector<std::vector<float>> seen(20, std::vector<float>(8));
  std::vector<Pending> pending;
  for (auto& to : seen) {  // while its successor computes
    auto results = executable.run({&weights, &gradient});
    pending.push_back(results[1].begin_download(std::as_writable_bytes(std::span(to))));
    weights = std::move(results[0]);
  }
  for (Pending& each : pending) each.await();
  for (Pending& each : pending) each.await();  // at once
  for (std::size_t step = 0; step < seen.size(); ++step)
    CHECK(seen[step][7] == float(8 * (2 * step + 2)));
  weights.ready().await();
}

TEST_CASE("replicas on chosen devices add up", "[xla]") {
  const auto client = test::xla_client("replicas");
  if (!client) return;
  if (client->devices().size() < 3) return;
  for (const std::vector<int>& devices : {std::vector<int>{}, {2, 1}}) {
    const Executable executable = client->compile(reduction, {.replicas = 2, .devices = devices});
    REQUIRE(executable.replicas() == 2);
    CHECK(executable.devices() == (devices.empty() ? std::vector<int>{0, 1} : devices));
    const auto a = ramp(1), b = ramp(100);
    Buffer first = client->upload(a.data(), eight, executable.devices()[0]);
    Buffer second = client->upload(b.data(), eight, executable.devices()[1]);
    const std::vector<Arguments> arguments = {{&first}, {&second}};
    const auto results = executable.run(arguments);
    REQUIRE(results.size() == 2);
    for (std::size_t r = 0; r < 2; ++r) {
      CHECK(results[r][0].device() == executable.devices()[r]);
      const auto sums = results[r][0].read<float>();
      for (std::size_t i = 0; i < 8; ++i) CHECK(sums[i] == a[i] + b[i]);
    }
    CHECK_FALSE(first);
    CHECK_FALSE(second);
    CHECK_THROWS_WITH(executable.run(Arguments{&first}),
                      "the program runs as 2 replicas, not with arguments for 1");
  }
  CHECK_THROWS_WITH(client->compile(reduction, {.replicas = 2, .devices = {0, 99}}),
                    Contains("there is no device 99 for a replica"));
}

#ifndef __SANITIZE_ADDRESS__  // which ends the program that asks for so much
TEST_CASE("what does not fit in a device's memory is told by an error of its own", "[xla]") {
  const auto client = test::xla_client("memory");
  if (!client) return;
  const ProgramText huge{
      "func.func public @main(%a: tensor<f32>) -> tensor<17592186044416xf32> {\n"
      "  %c = stablehlo.broadcast_in_dim %a, dims = [] : (tensor<f32>) -> "
      "tensor<17592186044416xf32>\n"
      "  return %c : tensor<17592186044416xf32> }",
      {{Shape{}}, {{Type::f32, {std::int64_t(1) << 44}}}}};
  const auto run = [&] {
    const float value = 1;
    Buffer scalar = client->upload(&value, Shape{});
    client->compile(huge).run({&scalar})[0].ready().await();
  };
  CHECK_THROWS_AS(run(), OutOfDeviceMemory);
}
#endif

}  // namespace diffusion::xla
