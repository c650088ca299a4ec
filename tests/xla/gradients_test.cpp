// Which derivatives a program is given, in which types, and which are refused.
#include <array>
#include <span>
#include <stdexcept>

#include "lib/xla/derivative.hpp"
#include "lib/xla/formulas.hpp"
#include "tests/support/catch.hpp"
#include "tests/xla/evaluate.hpp"

namespace diffusion::xla {
namespace {

using Inputs = std::vector<Value>;

}  // namespace

TEST_CASE("the derivative of a bf16 is a bf16, that of its f32 an f32", "[xla]") {
  const auto client = test::xla_client("derivatives of bf16");
  if (!client) return;
  Program program;
  const Value x = program.parameter({Type::f32, {1, 2, 2, 1}}),
              w = program.parameter({Type::f32, {1, 1, 1, 3}});
  const Value x16 = convert(x, Type::bf16), w16 = convert(w, Type::bf16),
              y = convolution(x16, w16, {}, Type::f32);
  const Seed seed{y, filled_like(y, 1)};
  const Inputs all{x, w, x16, w16};
  const std::vector<Value> d = gradients(program, std::span(&seed, 1), all);
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(d[i].shape() == all[i].shape());
  program.result(d[0]);
  program.result(d[1]);
  const Arrays got = evaluate(*client, program, {{1, 2, 3, 4}, {0.5F, 1, 1.5F}});
  CHECK(got == Arrays{{3, 3, 3, 3}, {10, 10, 10}});
}

TEST_CASE("derivatives are taken of what is asked for alone", "[xla]") {
  Program program;
  const Value x = program.parameter({Type::f32, {2}}), y = program.parameter({Type::f32, {2}});
  const Value z = x * y, unused = program.parameter({Type::f32, {3}});
  const Seed seed{z, filled_like(z, 1)};
  const int before = program.size();
  const Inputs asked{x, unused};
  const std::vector<Value> d = gradients(program, std::span(&seed, 1), asked);
  CHECK(d[0].id == (seed.cotangent * y).id);
  CHECK(d[1].id == filled_like(unused, 0).id);
  CHECK(program.size() == before + 3);  // 1 * y, 0, and that one in all places
  const Inputs inner{z};
  CHECK(gradients(program, std::span(&seed, 1), inner)[0].id == seed.cotangent.id);
}

TEST_CASE("of two that are alike the first is the maximum", "[xla]") {
  const auto client = test::xla_client("of two that are alike the first is the maximum");
  if (!client) return;
  for (const bool of_maximum : {true, false}) {
    Program program;
    const Inputs x{program.parameter({Type::f32, {2}}), program.parameter({Type::f32, {2}})};
    const Value y = of_maximum ? maximum(x[0], x[1]) : minimum(x[0], x[1]);
    const Seed seed{y, filled_like(y, 1)};
    for (const Value d : gradients(program, std::span(&seed, 1), x)) program.result(d);
    const std::vector<float> tie_first{1, of_maximum ? 0.0F : 1.0F},
        tie_second{0, of_maximum ? 1.0F : 0.0F};
    CHECK(evaluate(*client, program, {{3, 4}, {3, 5}}) == Arrays{tie_first, tie_second});
  }
}

TEST_CASE("cotangents of several outputs add up", "[xla]") {
  const auto client = test::xla_client("cotangents of several outputs add up");
  if (!client) return;
  Program program;
  const Value x = program.parameter({Type::f32, {2}}), y = x * x, z = y * 3;
  const std::array<Seed, 2> seeds{Seed{y, filled_like(y, 1)}, Seed{z, filled_like(z, 10)}};
  program.result(gradients(program, seeds, std::span(&x, 1))[0]);
  CHECK(evaluate(*client, program, {{1, 2}}) == Arrays{{62, 124}});
}

TEST_CASE("derivatives of derivatives", "[xla]") {
  const auto client = test::xla_client("derivatives of derivatives");
  if (!client) return;
  Program program;
  const Value x = program.parameter({Type::f32, {2}});
  Value y = x * x * x;
  for (int i = 0; i < 2; ++i) {
    const Seed seed{y, filled_like(y, 1)};
    y = gradients(program, std::span(&seed, 1), std::span(&x, 1))[0];
  }
  program.result(y);
  CHECK(evaluate(*client, program, {{1, 2}}) == Arrays{{6, 12}});
}

TEST_CASE("the loss of replicas is the sum of theirs", "[xla]") {
  const auto client = test::xla_client("derivatives over replicas");
  if (!client) return;
  REQUIRE(client->devices().size() >= 2);
  Program program({.replicas = 2});
  const Value x = program.parameter({Type::f32, {}}), y = all_reduce(x * x);
  const Seed seed{y, convert(program.replica_id(), Type::f32) + 1};
  program.result(gradients(program, std::span(&seed, 1), std::span(&x, 1))[0]);
  const Executable compiled = client->compile({text(program), signature(program)}, {.replicas = 2});
  const std::array<float, 2> values{5, 7};
  std::array<Buffer, 2> buffers;
  for (int i = 0; i < 2; ++i)
    buffers[std::size_t(i)] = client->upload(&values[std::size_t(i)], {Type::f32, {}}, i);
  const std::array<Arguments, 2> arguments{Arguments{&buffers[0]}, Arguments{&buffers[1]}};
  const auto results = compiled.run(arguments);
  for (std::size_t i = 0; i < 2; ++i)  // (1 + 2) 2 x
    CHECK(results[i][0].read<float>() == std::vector<float>{6 * values[i]});
}

TEST_CASE("what has no derivative is refused where one is needed", "[xla]") {
  Program program;
  const Value x = program.parameter({Type::f32, {2, 2}});
  const auto of = [&](Value y) {
    const Seed seed{y, filled_like(y, 1)};
    return gradients(program, std::span(&seed, 1), std::span(&x, 1))[0];
  };
  CHECK_THROWS_AS(of(max(x, {0})), std::logic_error);
  CHECK_THROWS_AS(of(reduce_window(x, {.sizes = {2, 2}})), std::logic_error);
  CHECK_THROWS_AS(of(pad(x, {{1, 1}, {1, 1}}, sum(x, {0, 1}))), std::logic_error);
  const Value zeros = filled_like(x, 0);
  CHECK(of(sign(x)).id == zeros.id);
  CHECK(of(stop_gradient(x * x)).id == zeros.id);
  CHECK(of(convert(convert(x, Type::s32), Type::f32)).id == zeros.id);
}

}  // namespace diffusion::xla
