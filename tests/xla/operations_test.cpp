// What operations compute, on the plugin.
#include "lib/xla/operations.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "lib/xla/derivative.hpp"
#include "lib/xla/formulas.hpp"
#include "tests/support/catch.hpp"
#include "tests/xla/evaluate.hpp"

namespace diffusion::xla {
namespace {

constexpr Type f32 = Type::f32, bf16 = Type::bf16, u32 = Type::u32;
using Words32 = std::vector<std::uint32_t>;
using Floats = std::vector<float>;

/// The elements of a value that needs no arguments.
template <class T>
std::vector<T> elements_of(Client& client, Value value) {
  value.program->result(value);
  const Executable compiled = client.compile({text(*value.program), signature(*value.program)});
  return compiled.run(Arguments{})[0].read<T>();
}

/// f of some f32, as f32.
template <class Function>
Floats mapped(Client& client, const Floats& x, Function f) {
  Program program;
  const Value parameter = program.parameter({f32, {std::int64_t(x.size())}});
  program.result(f(parameter));
  return evaluate(client, program, {x})[0];
}

}  // namespace

TEST_CASE("integers wrap, shift and multiply as in C++", "[xla]") {
  const auto client = test::xla_client("integers wrap, shift and multiply as in C++");
  if (!client) return;
  const Words32 a{0, 1, 0xFFFFFFFF, 0xFFFFFFFF, 0xD2511F53, 0x80000000, 0x12345678},
      b{7, 0xFFFFFFFF, 0xFFFFFFFF, 2, 0xCD9E8D57, 3, 0x9ABCDEF0};
  const auto check = [&](auto on_device, auto here) {
    Program program;
    const Value x = program.constant({7}, a), y = program.constant({7}, b);
    const Words32 got = elements_of<std::uint32_t>(*client, on_device(x, y));
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(got[i] == here(a[i], b[i]));
  };
  using U = std::uint32_t;
  check([](Value x, Value y) { return multiply_high(x, y); },
        [](U x, U y) { return U((std::uint64_t(x) * y) >> 32); });
  check([](Value x, Value y) { return x * y + y - 3; }, [](U x, U y) { return x * y + y - 3; });
  check([](Value x, Value y) { return (x ^ (y << 5)) | (x & (y >> 3)); },
        [](U x, U y) { return (x ^ (y << 5)) | (x & (y >> 3)); });
  check(
      [](Value x, Value y) {
        return ~x + (x.program->iota({u32, {7}}, 0) ^ y);
      },
      [i = U(0)](U x, U y) mutable { return ~x + (i++ ^ y); });
}

TEST_CASE("elementwise functions are those of the library", "[xla]") {
  const auto client = test::xla_client("elementwise functions are those of the library");
  if (!client) return;
  const Floats x{-90, -3, -1, -0.3F, 0.2F, 0.7F, 1, 4, 90};
  const auto check = [&](auto on_device, auto here) {
    const Floats got = mapped(*client, x, on_device);
    for (std::size_t i = 0; i < x.size(); ++i)
      CHECK(got[i] == Approx(here(double(x[i]))).epsilon(2e-6).margin(1e-30));
  };
  check([](Value v) { return silu(v); }, [](double v) { return v / (1 + std::exp(-v)); });
  check([](Value v) { return sin(v); }, [](double v) { return std::sin(v); });
  check([](Value v) { return cos(v); }, [](double v) { return std::cos(v); });
  check([](Value v) { return tanh(v); }, [](double v) { return std::tanh(v); });
  check([](Value v) { return log(abs(v)); }, [](double v) { return std::log(std::abs(v)); });
  check([](Value v) { return exp(-abs(v)); }, [](double v) { return std::exp(-std::abs(v)); });
  check([](Value v) { return rsqrt(v * v) + sqrt(abs(v)); },
        [](double v) { return 1 / std::abs(v) + std::sqrt(std::abs(v)); });
  check([](Value v) { return select(compare(v, Comparison::le, 0.7F), minimum(v, 0), 1 / v); },
        [](double v) { return float(v) <= 0.7F ? std::min(v, 0.0) : 1 / v; });
  check([](Value v) { return convert(convert(v * 0 + 1.01, bf16), f32) * sign(v); },
        [](double v) { return v < 0 ? -1.0078125 : 1.0078125; });
}

TEST_CASE("erf is right to a few roundings, and gelu", "[xla]") {
  const auto client = test::xla_client("erf is right to a few roundings, and gelu");
  if (!client) return;
  Floats x{-1e30F, -10, 0, 1e-20F, 10, 1e30F};
  for (int i = -500; i <= 500; ++i) x.push_back(float(i) / 100);
  const Floats errors = mapped(*client, x, [](Value v) { return erf(v); });
  const Floats gelus = mapped(*client, x, [](Value v) { return gelu(v); });
  double worst = 0, worst_gelu = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double v = x[i], exact = std::erf(v);
    worst = std::max(worst, std::abs(errors[i] - exact) / std::max(std::abs(exact), 1e-30));
    const double gelu_there = v / 2 * std::erfc(-v / std::sqrt(2.0));
    if (std::abs(v) < 6) worst_gelu = std::max(worst_gelu, std::abs(gelus[i] - gelu_there));
  }
  CHECK(worst < 4e-7);
  CHECK(worst_gelu < 1e-6);
}

TEST_CASE("the derivative of a sigmoid is finite everywhere", "[xla]") {
  const auto client = test::xla_client("the derivative of a sigmoid is finite everywhere");
  if (!client) return;
  const Floats x{-1e4F, -100, -89, 0, 89, 1e4F};
  const Floats slopes = mapped(*client, x, [](Value v) {
    const Seed seed{silu(v), filled_like(v, 1)};
    return gradients(*v.program, std::span(&seed, 1), std::span(&v, 1))[0];
  });
  const Floats expected{0, 0, 0, 0.5F, 1, 1};
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(slopes[i] == Approx(expected[i]).margin(1e-30));
}

TEST_CASE("windows, reductions and predicates", "[xla]") {
  const auto client = test::xla_client("windows, reductions and predicates");
  if (!client) return;
  const Floats x{-5, -2, -3, -4, -1, -6};
  const auto as_matrix = [](Value v) { return reshape(v, {2, 3}); };
  CHECK(mapped(*client, x, [&](Value v) {
          return reduce_window(as_matrix(v), {.sizes = {2, 2}, .low = {0, 1}});
        }) == Floats{-4, -1, -1});
  CHECK(mapped(*client, x, [&](Value v) {
          return reduce_window(as_matrix(v), {.op = Op::add, .sizes = {1, 2}, .strides = {1, 1}});
        }) == Floats{-7, -5, -5, -7});
  CHECK(mapped(*client, x, [&](Value v) { return max(as_matrix(v), {1}); }) == Floats{-2, -1});
  CHECK(mapped(*client, x, [&](Value v) { return min(as_matrix(v), {0}); }) == Floats{-5, -2, -6});
  CHECK(mapped(*client, x, [](Value v) {
          return convert(all(is_finite(log(v + 7)), {0}), f32) +
                 2 * convert(all(is_finite(log(v + 6)), {0}), f32) +
                 4 * convert(any(compare(v, Comparison::eq, -4), {0}), f32) +
                 8 * convert(any(compare(v, Comparison::eq, 4), {0}), f32);
        }) == Floats{5});
}

TEST_CASE("a bf16 is summed in float32", "[xla]") {
  const auto client = test::xla_client("a bf16 is summed in float32");
  if (!client) return;
  Program program;
  const Value ones = broadcast(program.constant(bf16, 1), {1000}, {});
  CHECK(elements_of<float>(*client, convert(sum(ones, {0}), f32)) == Floats{1000});
}

TEST_CASE("replicas sum what they have", "[xla]") {
  const auto client = test::xla_client("replicas sum what they have");
  if (!client) return;
  REQUIRE(client->devices().size() >= 2);
  Program program({.replicas = 2});
  program.result(all_reduce(convert(program.replica_id(), f32) + 1));
  const Executable compiled = client->compile({text(program), signature(program)}, {.replicas = 2});
  const std::array<Arguments, 2> none;
  const auto results = compiled.run(none);
  for (const auto& of_replica : results) CHECK(of_replica[0].read<float>() == Floats{3});
}

TEST_CASE("a donated parameter becomes its result", "[xla]") {
  const auto client = test::xla_client("a donated parameter becomes its result");
  if (!client) return;
  Program program;
  const Value w = program.parameter({f32, {2}}, "w"), g = program.parameter({f32, {2}}, "g");
  program.result(sum(g, {0}));
  program.donate(w, program.result(w - g * 0.5));
  const Executable compiled = client->compile({text(program), signature(program)});
  const Floats weights{1, 2}, slopes{4, 6};
  Buffer kept = client->upload(slopes.data(), {f32, {2}});
  Buffer lost = client->upload(weights.data(), {f32, {2}});
  const auto results = compiled.run(Arguments{&lost, &kept});
  CHECK(results[0].read<float>() == Floats{10});
  CHECK(results[1].read<float>() == Floats{-1, -1});
  CHECK_FALSE(lost);
  CHECK(kept);
}

}  // namespace diffusion::xla
