// What a program refuses before a plugin sees it, and programs that a plugin refuses.
#include "lib/xla/client.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/xla_plugin.hpp"
#include "tests/xla/programs.hpp"

namespace diffusion::xla {  // whose Shape is not the tensors'
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
