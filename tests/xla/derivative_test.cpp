// Every operation's derivative against central differences, which the plugin evaluates.
#include "lib/xla/derivative.hpp"

#include <cmath>
#include <functional>
#include <span>

#include "lib/xla/formulas.hpp"
#include "tests/support/catch.hpp"
#include "tests/xla/evaluate.hpp"

namespace diffusion::xla {
namespace {

using Inputs = std::vector<Value>;

/// y = f(inputs), with inputs in (-2, -0.2) and (0.2, 2), or only the latter.
struct Case {
  std::string name;
  std::vector<Extents> inputs;
  std::function<Value(const Inputs&)> f;
  bool positive = false;
};

/// Spread over their range, no two alike, so that no maximum or kink is near.
std::vector<float> numbers(std::size_t n, std::size_t seed, bool positive) {
  std::vector<float> all(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto place = float((i * 79 + seed * 37 + 11) % 997) / 997.0F;
    all[i] = 0.2F + 1.8F * place;
    if (!positive && (i * 31 + seed) % 5 < 2) all[i] = -all[i];
  }
  return all;
}

/// The loss: the sum of f's elements, each with a weight of its own.
Value loss(Program& program, const Case& of, const Inputs& inputs) {
  const Value y = of.f(inputs);
  const std::vector<float> weights = numbers(y.shape().count(), 5, false);
  Extents dims;
  for (std::size_t i = 0; i < y.dims().size(); ++i) dims.push_back(std::int64_t(i));
  return sum(convert(y, Type::f32) * program.constant(y.dims(), weights), dims);
}

Inputs parameters(Program& program, const Case& of) {
  Inputs inputs;
  for (const Extents& dims : of.inputs) inputs.push_back(program.parameter({Type::f32, dims}));
  return inputs;
}

Arrays arguments(const Case& of) {
  Arrays all;
  for (std::size_t i = 0; i < of.inputs.size(); ++i)
    all.push_back(numbers(Shape{Type::f32, of.inputs[i]}.count(), i, of.positive));
  return all;
}

Arrays derivatives(Client& client, const Case& of) {
  Program program;
  const Inputs inputs = parameters(program, of);
  const Value value = loss(program, of, inputs);
  const Seed seed{value, program.constant(Type::f32, 1)};
  for (const Value d : gradients(program, std::span(&seed, 1), inputs)) program.result(d);
  return evaluate(client, program, arguments(of));
}

/// Losses at x + h e_i and x - h e_i for all elements i of input k, as one program: that many
/// copies of f in it would be long, so each is a run of a compiled one.
std::vector<float> differences(Client& client, const Case& of, std::size_t k) {
  Program program;
  program.result(loss(program, of, parameters(program, of)));
  const Executable compiled = client.compile({text(program), signature(program)});
  Arrays arrays = arguments(of);
  const auto run = [&] {
    std::vector<Buffer> buffers;
    Arguments handed;
    for (std::size_t i = 0; i < arrays.size(); ++i)
      buffers.push_back(client.upload(arrays[i].data(), compiled.signature().parameters[i]));
    for (Buffer& buffer : buffers) handed.push_back(&buffer);
    return double(compiled.run(handed)[0].read<float>()[0]);
  };
  std::vector<float> slopes;
  for (float& x : arrays[k]) {
    const float kept = x, h = 1.0F / 128;
    x = kept + h;
    const double above = run();
    x = kept - h;
    const double below = run();
    x = kept;
    slopes.push_back(float((above - below) / (2 * h)));
  }
  return slopes;
}

const std::vector<Case>& elementwise() {
  static const Extents s{3, 4};
  static const std::vector<Case> all = {
      {"negate", {s}, [](const Inputs& x) { return -x[0]; }},
      {"sign", {s}, [](const Inputs& x) { return sign(x[0]) * x[0]; }},
      {"abs", {s}, [](const Inputs& x) { return abs(x[0]); }},
      {"exponential", {s}, [](const Inputs& x) { return exp(x[0]); }},
      {"log", {s}, [](const Inputs& x) { return log(x[0]); }, true},
      {"sqrt", {s}, [](const Inputs& x) { return sqrt(x[0]); }, true},
      {"rsqrt", {s}, [](const Inputs& x) { return rsqrt(x[0]); }, true},
      {"sine", {s}, [](const Inputs& x) { return sin(x[0]); }},
      {"cosine", {s}, [](const Inputs& x) { return cos(x[0]); }},
      {"tanh", {s}, [](const Inputs& x) { return tanh(x[0]); }},
      {"logistic", {s}, [](const Inputs& x) { return sigmoid(x[0]); }},
      {"silu", {s}, [](const Inputs& x) { return silu(x[0]); }},
      {"erf", {s}, [](const Inputs& x) { return erf(x[0]); }},
      {"gelu", {s}, [](const Inputs& x) { return gelu(x[0]); }},
      {"add", {s, s}, [](const Inputs& x) { return x[0] + x[1] + x[0]; }},
      {"scalar", {s, {}}, [](const Inputs& x) { return (x[0] * x[1] - x[1]) / x[1]; }},
      {"subtract", {s, s}, [](const Inputs& x) { return x[0] - x[1]; }},
      {"multiply", {s, s}, [](const Inputs& x) { return x[0] * x[1]; }},
      {"square", {s}, [](const Inputs& x) { return x[0] * x[0]; }},
      {"divide", {s, s}, [](const Inputs& x) { return x[0] / x[1]; }, true},
      {"maximum", {s, s}, [](const Inputs& x) { return maximum(x[0], x[1]); }},
      {"minimum", {s, s}, [](const Inputs& x) { return minimum(x[0], x[1]); }},
      {"select",
       {s, s},
       [](const Inputs& x) {
         return select(compare(x[0], Comparison::gt, 0), x[0] * x[1], x[1] * 3);
       }},
  };
  return all;
}

const std::vector<Case>& layout() {
  static const std::vector<Case> all = {
      {"broadcast",
       {{3}},
       [](const Inputs& x) {
         return broadcast(x[0], {2, 3, 4}, {1});
       }},
      {"broadcast of 1",
       {{1, 3}},
       [](const Inputs& x) {
         return broadcast(x[0], {2, 4, 3}, {1, 2});
       }},
      {"reshape",
       {{3, 4}},
       [](const Inputs& x) {
         return reshape(x[0], {2, 6});
       }},
      {"transpose",
       {{2, 3, 4}},
       [](const Inputs& x) {
         return transpose(x[0], {2, 0, 1});
       }},
      {"reverse",
       {{2, 3, 4}},
       [](const Inputs& x) {
         return reverse(x[0], {0, 2});
       }},
      {"slice",
       {{5, 7}},
       [](const Inputs& x) {
         return slice(x[0], {{1, 0}, {4, 6}, {1, 2}});
       }},
      {"pad",
       {{3, 4}},
       [](const Inputs& x) {
         return pad(x[0], {{1, 2}, {0, 3}, {2, 0}});
       }},
      {"pad by less",
       {{4, 5}},
       [](const Inputs& x) {
         return pad(x[0], {{-1, 2}, {1, -2}, {1, 2}});
       }},
      {"concatenate", {{2, 3}, {2, 1}, {2, 2}}, [](const Inputs& x) { return concatenate(x, 1); }},
      {"sum",
       {{2, 3, 4}},
       [](const Inputs& x) {
         return sum(x[0], {0, 2});
       }},
      {"softmax",
       {{3, 4}},
       [](const Inputs& x) {
         const Value top = stop_gradient(max(x[0], {1}));
         const Value e = exp(x[0] - broadcast(top, {3, 4}, {0}));
         return e / broadcast(sum(e, {1}), {3, 4}, {0});
       }},
      {"all_reduce", {{3}}, [](const Inputs& x) { return all_reduce(x[0]) * x[0]; }},
  };
  return all;
}

Case dot(const std::string& name, const Extents& a, const Extents& b, const DotDims& dims) {
  return {name, {a, b}, [dims](const Inputs& x) { return dot_general(x[0], x[1], dims); }};
}

Case conv(const std::string& name, const Extents& x, const Extents& w, const Convolution& how) {
  return {name, {x, w}, [how](const Inputs& of) { return convolution(of[0], of[1], how); }};
}

const std::vector<Case>& products() {
  static const Extents x{2, 5, 6, 2}, w{3, 3, 2, 3};
  static const std::vector<Case> all = {
      dot("matrices", {3, 4}, {4, 2}, {.lhs_contracting = {1}, .rhs_contracting = {0}}),
      dot("batch", {2, 3, 4}, {4, 2, 5},
          {.lhs_batch = {0}, .rhs_batch = {1}, .lhs_contracting = {2}, .rhs_contracting = {0}}),
      dot("batches amid", {3, 2, 4, 2}, {2, 5, 2, 4},
          {.lhs_batch = {1, 3},
           .rhs_batch = {2, 0},
           .lhs_contracting = {2},
           .rhs_contracting = {3}}),
      dot("two sums", {3, 2, 4}, {4, 5, 3}, {.lhs_contracting = {0, 2}, .rhs_contracting = {2, 0}}),
      dot("outer", {3}, {2}, {}),
      dot("inner", {3}, {3}, {.lhs_contracting = {0}, .rhs_contracting = {0}}),
      conv("convolution", x, w, {}),
      conv("padded", x, w, {.low = {1, 1}, .high = {1, 1}}),
      conv("strides", x, w, {.strides = {2, 2}, .low = {1, 1}, .high = {1, 1}}),
      conv("padded after alone", x, w, {.strides = {2, 2}, .low = {0, 0}, .high = {1, 1}}),
      conv("strides that leave some", x, w, {.strides = {2, 3}, .low = {0, 1}}),
      conv("cropped", x, w, {.low = {-1, 2}, .high = {1, -1}}),
      conv("wide kernel", {1, 3, 3, 1}, {5, 5, 1, 2}, {.low = {2, 2}, .high = {2, 2}}),
      conv("1 x 1", x, {1, 1, 2, 3}, {.strides = {2, 2}}),
      conv("kernel spread", {1, 7, 8, 2}, w,
           {.low = {2, 1}, .high = {1, 2}, .kernel_dilation = {2, 3}}),
      conv("input spread", x, w, {.low = {1, 2}, .high = {2, 1}, .input_dilation = {2, 2}}),
      conv("all at once", x, w,
           {.strides = {3, 2},
            .low = {3, 1},
            .high = {0, 2},
            .input_dilation = {2, 3},
            .kernel_dilation = {1, 2}}),
      conv("other layouts", {2, 2, 6, 5}, {3, 2, 3, 3},
           {.input = "bf10", .kernel = "oi10", .output = "f0b1", .strides = {1, 2}, .low = {1, 0}}),
      conv("one dimension", {2, 6, 2}, {3, 2, 3},
           {.input = "b0f", .kernel = "0io", .output = "b0f", .low = {1}, .high = {1}}),
  };
  return all;
}

void check(const std::string& name, const std::vector<Case>& cases) {
  const auto client = test::xla_client("derivatives of " + name);
  if (!client) return;
  for (const Case& one : cases) {
    INFO(one.name);
    const Arrays got = derivatives(*client, one);
    for (std::size_t k = 0; k < got.size(); ++k) {
      const std::vector<float> expected = differences(*client, one, k);
      REQUIRE(got[k].size() == expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        INFO("input " << k << ", element " << i << ": " << got[k][i] << " " << expected[i]);
        CHECK(std::abs(got[k][i] - expected[i]) <= 4e-3F * (1 + std::abs(expected[i])));
      }
    }
  }
}

}  // namespace

TEST_CASE("derivatives of elementwise operations", "[xla]") { check("elementwise", elementwise()); }
TEST_CASE("derivatives of operations that move elements", "[xla]") { check("layout", layout()); }
TEST_CASE("derivatives of products", "[xla]") { check("products", products()); }

}  // namespace diffusion::xla
