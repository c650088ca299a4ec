#include "lib/xla/program.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "lib/xla/formulas.hpp"
#include "tests/support/catch.hpp"
#include "tests/xla/evaluate.hpp"

namespace diffusion::xla {
namespace {

constexpr Type f32 = Type::f32, bf16 = Type::bf16, u32 = Type::u32;

/// What stands between the signature and the return of a program with one result.
std::string body(const Program& program) {
  const std::string all = text(program);
  const std::size_t first = all.find(") {\n") + 4, last = all.find("    \"func.return\"");
  return all.substr(first, last - first);
}

std::string body_of(Value value) {
  value.program->result(value);
  return body(*value.program);
}

bool contains(const std::string& all, const std::string& part) {
  return all.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a program's text", "[xla]") {
  Program program({.name = "step"});
  const Value w = program.parameter({f32, {2, 3}}, "block 1.weight");
  const Value x = program.parameter({bf16, {3}});
  program.parameter({u32, {}}, "seed");
  (void)(w * w);  // dead
  const Value y = w - broadcast(convert(x, f32), {2, 3}, {1}) * 0.1;
  program.donate(w, program.result(y));
  program.result(sum(y, {0, 1}));
  CHECK(text(program) ==
        R"(module @step attributes {mhlo.num_replicas = 1 : i32, mhlo.num_partitions = 1 : i32} {
  func.func public @main(%p0.block_1.weight: tensor<2x3xf32> {tf.aliasing_output = 0 : i32}, %p1: tensor<3xbf16>, %p2.seed: tensor<ui32>) -> (tensor<2x3xf32>, tensor<f32>) {
    %0 = "stablehlo.convert"(%p1) : (tensor<3xbf16>) -> tensor<3xf32>
    %1 = "stablehlo.broadcast_in_dim"(%0) {broadcast_dimensions = array<i64: 1>} : (tensor<3xf32>) -> tensor<2x3xf32>
    %2 = "stablehlo.constant"() {value = dense<0.1> : tensor<f32>} : () -> tensor<f32>
    %3 = "stablehlo.broadcast_in_dim"(%2) {broadcast_dimensions = array<i64>} : (tensor<f32>) -> tensor<2x3xf32>
    %4 = "stablehlo.multiply"(%1, %3) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %5 = "stablehlo.subtract"(%p0.block_1.weight, %4) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
    %6 = "stablehlo.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
    %7 = "stablehlo.reduce"(%5, %6) ({^bb0(%a: tensor<f32>, %b: tensor<f32>): %c = "stablehlo.add"(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32> "stablehlo.return"(%c) : (tensor<f32>) -> ()}) {dimensions = array<i64: 0, 1>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<f32>
    "func.return"(%5, %7) : (tensor<2x3xf32>, tensor<f32>) -> ()
  }
}
)");
  const Signature of = signature(program);
  CHECK(of.parameters == std::vector<Shape>{{f32, {2, 3}}, {bf16, {3}}, {u32, {}}});
  CHECK(of.results == std::vector<Shape>{{f32, {2, 3}}, {f32, {}}});
  CHECK(of.donated == std::vector<std::pair<int, int>>{{0, 0}});
}

TEST_CASE("constants are spelled so that they are read exactly", "[xla]") {
  const auto literal = [](Type type, double value) {
    Program program;
    const std::string all = body_of(program.constant(type, value));
    const std::size_t first = all.find("dense<") + 6;
    return all.substr(first, all.find('>', first) - first);
  };
  CHECK(literal(f32, 1) == "1.0");
  CHECK(literal(f32, -0.0) == "-0.0");
  CHECK(literal(f32, 0.1) == "0.1");
  CHECK(literal(f32, 1e-6) == "1.0e-06");
  CHECK(literal(f32, 1.5e20) == "1.5e+20");
  CHECK(literal(f32, -std::numeric_limits<double>::infinity()) == "0xFF800000");
  CHECK(literal(bf16, std::numeric_limits<double>::infinity()) == "0x7F80");
  CHECK(literal(bf16, 1.00390625) == "1.0");       // a tie, to even
  CHECK(literal(bf16, 1.01171875) == "1.015625");  // likewise
  CHECK(literal(u32, 4294967295.0) == "4294967295");
  CHECK(literal(Type::s32, -7) == "-7");
  CHECK(literal(Type::pred, 1) == "true");
  Program program;
  CHECK(contains(body_of(program.constant({2}, std::array{1.0F, -2.0F})),
                 R"(dense<"0x0000803F000000C0"> : tensor<2xf32>)"));
}

TEST_CASE("products say how they are rounded", "[xla]") {
  const auto product = [](Precision precision, Type type) {
    Program program({.precision = precision});
    const Value x = program.parameter({type, {1, 4, 4, 2}}),
                w = program.parameter({type, {3, 3, 2, 5}});
    return body_of(convolution(x, w, {.strides = {2, 1}, .low = {1, 0}, .high = {1, -1}}, f32));
  };
  CHECK(
      product(Precision::standard, bf16) ==
      R"(    %0 = "stablehlo.convolution"(%p0, %p1) {window_strides = array<i64: 2, 1>, padding = dense<[[1, 1], [0, -1]]> : tensor<2x2xi64>, lhs_dilation = array<i64: 1, 1>, rhs_dilation = array<i64: 1, 1>, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, feature_group_count = 1 : i64, batch_group_count = 1 : i64} : (tensor<1x4x4x2xbf16>, tensor<3x3x2x5xbf16>) -> tensor<1x2x1x5xf32>
)");
  CHECK(contains(
      product(Precision::highest, f32),
      "precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]"));
  CHECK_FALSE(contains(product(Precision::highest, bf16), "precision_config"));
  CHECK_FALSE(contains(product(Precision::standard, f32), "precision_config"));
}

TEST_CASE("the same instruction is made once", "[xla]") {
  Program program;
  const Value x = program.parameter({f32, {2, 2}}), y = program.parameter({f32, {2, 2}});
  CHECK((x + y * 2).id == (x + y * 2).id);
  CHECK(x.id != y.id);
  CHECK((x - y).id != (y - x).id);
  CHECK((x - y).id != (x + y).id);
  CHECK(sum(x, {0}).id != sum(x, {1}).id);
  CHECK(max(x, {0}).id != min(x, {0}).id);
  CHECK(program.constant(f32, 0).id != program.constant(f32, -0.0).id);
  CHECK(program.constant(f32, 1).id != program.constant(u32, 1).id);
  CHECK(stop_gradient(x).id != x.id);
  CHECK((stop_gradient(x) + y).id != (x + y).id);
  CHECK(convert(x, f32).id == x.id);
  CHECK(reshape(x, {2, 2}).id == x.id);
  CHECK(transpose(x, {0, 1}).id == x.id);
  CHECK(all_reduce(x).id == x.id);
}

TEST_CASE("shapes follow from operations", "[xla]") {
  Program program;
  const Value x = program.parameter({f32, {2, 5, 6, 3}}), v = program.parameter({bf16, {3, 4}});
  const auto dims = [](Value value) { return value.dims(); };
  CHECK(dims(transpose(x, {3, 0, 2, 1})) == Extents{3, 2, 6, 5});
  CHECK(dims(slice(x, {{0, 1, 0, 2}, {2, 5, 6, 3}, {1, 3, 4, 1}})) == Extents{2, 2, 2, 1});
  CHECK(dims(pad(x, {{0, -1, 2, 0}, {0, 0, -3, 1}, {0, 1, 0, 2}})) == Extents{2, 8, 5, 8});
  CHECK(dims(concatenate(std::array{x, x, x}, 2)) == Extents{2, 5, 18, 3});
  CHECK(dims(sum(x, {2, 0})) == Extents{5, 3});
  CHECK(dims(reduce_window(x, {.sizes = {1, 2, 3, 1}, .strides = {1, 2, 1, 1}})) ==
        Extents{2, 2, 4, 3});
  CHECK(dims(dot_general(x, convert(v, f32), {.lhs_contracting = {3}, .rhs_contracting = {0}})) ==
        Extents{2, 5, 6, 4});
  CHECK(is_finite(x).shape() == Shape{Type::pred, {2, 5, 6, 3}});
  CHECK(compare(v, Comparison::lt, 1).shape() == Shape{Type::pred, {3, 4}});
  CHECK(dot_general(v, v, {{0}, {0}, {1}, {1}}).shape() == Shape{bf16, {3}});
  CHECK(dot_general(v, v, {{0}, {0}, {1}, {1}}, f32).shape() == Shape{f32, {3}});
  CHECK(contains(body_of(sum(v, {0})), "tensor<3x4xbf16>) -> tensor<3x4xf32>"));
}

TEST_CASE("a sum over replicas names them all", "[xla]") {
  Program program({.replicas = 3});
  CHECK(contains(body_of(all_reduce(program.parameter({f32, {2}}))),
                 "replica_groups = dense<[[0, 1, 2]]> : tensor<1x3xi64>"));
  CHECK(contains(text(program), "mhlo.num_replicas = 3 : i32"));
}

}  // namespace diffusion::xla
