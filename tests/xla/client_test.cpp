// Programs on a plugin's devices, against numbers that are known.
#include "lib/xla/client.hpp"

#include <cmath>
#include <cstdint>
#include <numeric>

#include "tests/support/catch.hpp"
#include "tests/support/xla_plugin.hpp"

namespace diffusion::xla {  // whose Shape is not the tensors'

namespace {

const Shape eight{Type::f32, {8}};

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

/// weights + 2 gradient in the weights' place, and the sum of both as they were.
const ProgramText update{R"(module @update {
  func.func public @main(%w: tensor<8xf32> {tf.aliasing_output = 0 : i32}, %g: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
    %s = stablehlo.add %w, %g : tensor<8xf32>
    %t = stablehlo.add %s, %g : tensor<8xf32>
    return %t, %s : tensor<8xf32>, tensor<8xf32>
  }
})",
                         {{eight, eight}, {eight, eight}, {{0, 0}}}};

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

std::vector<float> ramp(float from) {
  std::vector<float> values(8);
  std::iota(values.begin(), values.end(), from);
  return values;
}

/// What comes back of what goes there, with no program between.
template <class T>
std::vector<T> round_trip(Client& client, Type type, const std::vector<T>& values) {
  const Shape shape{type, {std::int64_t(values.size())}};
  const Buffer there = client.upload(values.data(), shape);
  return there.read<T>();
}

}  // namespace

TEST_CASE("a plugin tells its platform and devices", "[xla]") {
  const auto client = test::xla_client("devices");
  if (!client) return;
  CHECK_FALSE(client->platform().empty());
  REQUIRE_FALSE(client->devices().empty());
  CHECK_FALSE(client->devices()[0].kind.empty());
  CHECK_THROWS_WITH(Client::open(client->plugin().path(), {.devices = {99}}),
                    Contains("device"));  // GPUs' plugins say it themselves
  if (const auto memory = client->memory(0)) CHECK(memory->in_use >= 0);
}

TEST_CASE("arrays of all types come back as they were sent", "[xla]") {
  const auto client = test::xla_client("arrays");
  if (!client) return;
  CHECK(round_trip<float>(*client, Type::f32, {1.5F, -0.0F, 1e-40F, INFINITY}) ==
        std::vector<float>{1.5F, -0.0F, 1e-40F, INFINITY});
  CHECK(round_trip<std::int32_t>(*client, Type::s32, {-1, 2, INT32_MIN}) ==
        std::vector<std::int32_t>{-1, 2, INT32_MIN});
  CHECK(round_trip<std::uint32_t>(*client, Type::u32, {1, UINT32_MAX}) ==
        std::vector<std::uint32_t>{1, UINT32_MAX});
  CHECK(round_trip<std::uint16_t>(*client, Type::bf16, {0x3f80, 0xc000, 1}) ==
        std::vector<std::uint16_t>{0x3f80, 0xc000, 1});
  CHECK(round_trip<std::uint8_t>(*client, Type::pred, {1, 0, 1}) ==
        std::vector<std::uint8_t>{1, 0, 1});
  const float scalar = 7;
  CHECK(client->upload(&scalar, Shape{}).read<float>() == std::vector<float>{7});
}

TEST_CASE("what was uploaded may change at once", "[xla]") {
  const auto client = test::xla_client("uploads");
  if (!client) return;
  std::vector<float> values(1 << 20, 3);
  const Buffer buffer = client->upload(values.data(), {Type::f32, {1 << 20}});
  std::fill(values.begin(), values.end(), 4.0F);
  CHECK(buffer.read<float>() == std::vector<float>(1 << 20, 3));
}

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

TEST_CASE("a client of chosen devices has these, in their order", "[xla]") {
  const auto all = test::xla_client("choice");
  if (!all) return;
  if (all->devices().size() < 3) return;
  const auto client = Client::open(all->plugin().path(), {.devices = {2, 0}});
  REQUIRE(client->devices().size() == 2);
  CHECK(client->devices()[0].hardware == 2);
  CHECK(client->devices()[1].hardware == 0);
  const Executable executable = client->compile(update);
  const auto g = ramp(1);
  Buffer w = client->upload(g.data(), eight), gradient = client->upload(g.data(), eight);
  CHECK(executable.run({&w, &gradient})[0].read<float>()[1] == 6);
  Buffer others = all->upload(g.data(), eight);
  w = client->upload(g.data(), eight);
  CHECK_THROWS_WITH(executable.run({&w, &others}),
                    "argument 1 of the program is not on device 0, where it runs");
}

TEST_CASE("arguments that are not the program's are refused before it runs", "[xla]") {
  const auto client = test::xla_client("refusals");
  if (!client) return;
  const Executable executable = client->compile(update);
  const auto values = ramp(1);
  Buffer a = client->upload(values.data(), eight), b = client->upload(values.data(), eight);
  CHECK_THROWS_WITH(executable.run(Arguments{}), "the program takes 2 arguments, not 0");
  CHECK_THROWS_WITH(executable.run({&a}), "the program takes 2 arguments, not 1");
  CHECK_THROWS_WITH(executable.run({&a, &b, &b}), "the program takes 2 arguments, not 3");
  CHECK_THROWS_WITH(executable.run({&a, nullptr}),
                    "argument 1 of the program is empty, or was donated before");
  Buffer square = client->upload(values.data(), {Type::f32, {2, 4}});
  CHECK_THROWS_WITH(executable.run({&a, &square}),
                    "argument 1 of the program is a tensor<2x4xf32>, not a tensor<8xf32>");
  Buffer whole = client->upload(values.data(), {Type::s32, {8}});
  CHECK_THROWS_WITH(executable.run({&a, &whole}),
                    "argument 1 of the program is a tensor<8xi32>, not a tensor<8xf32>");
  if (client->devices().size() > 1) {
    Buffer elsewhere = client->upload(values.data(), eight, 1);
    CHECK_THROWS_WITH(executable.run({&a, &elsewhere}),
                      "argument 1 of the program is not on device 0, where it runs");
  }
  CHECK(executable.run({&a, &b})[0].read<float>()[0] == 3);  // none was consumed
}

TEST_CASE("results that are not the program's are refused when it is compiled", "[xla]") {
  const auto client = test::xla_client("results");
  if (!client) return;
  const auto refused = [&](std::vector<Shape> results) -> std::string {
    ProgramText program = update;
    program.signature.results = std::move(results);
    try {
      client->compile(program);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  };
  CHECK_THAT(refused({eight}), EndsWith(": the compiled program has 2 results, not 1"));
  CHECK_THAT(refused({eight, {Type::f32, {4}}}),
             EndsWith("has a result 1 that is not a tensor<4xf32>"));
  CHECK_THAT(refused({{Type::bf16, {8}}, eight}),
             EndsWith("has a result 0 that is not a tensor<8xbf16>"));
  CHECK_THAT(refused({eight, {Type::f32, {8, 1}}}),
             EndsWith("has a result 1 that is not a tensor<8x1xf32>"));
  CHECK(refused({eight, eight}) == "none");
}

TEST_CASE("a program with errors is refused in one line", "[xla]") {
  const auto client = test::xla_client("errors");
  if (!client) return;
  for (const std::string text : {"module { nonsense }", "", "module @m {",
                                 "func.func public @main(%x: tensor<8xf32>) -> tensor<4xf32> "
                                 "{ return %x : tensor<8xf32> }"}) {
    std::string message;
    try {
      client->compile({text, {{eight}, {eight}}});
    } catch (const Error& error) {
      message = error.what();
    }
    CHECK_THAT(message, StartsWith(client->plugin().name() + ": "));
    CHECK(message.find('\n') == std::string::npos);
    CHECK(message.size() > client->plugin().name().size() + 3);
  }
}

}  // namespace diffusion::xla
