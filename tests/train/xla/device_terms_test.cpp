#include "lib/train/device_terms.hpp"

#include <cmath>

#include "lib/train/variational_terms.hpp"
#include "tests/xla/evaluate.hpp"

using namespace diffusion;
using xla::Arrays, xla::Program, xla::Type, xla::Value;

namespace {

std::vector<Value> parameters(Program& program, const Arrays& arrays) {
  std::vector<Value> all;
  for (const auto& array : arrays)
    all.push_back(program.parameter({Type::f32, {std::int64_t(array.size())}}));
  return all;
}

Arrays terms_of(xla::Client& client, const Arrays& arrays,
                DeviceTerm (*term)(Value, Value, Value)) {
  Program program;
  const auto given = parameters(program, arrays);
  const DeviceTerm made = term(given[0], given[1], given[2]);
  for (const Value value : {made.nats, made.by_mean, made.by_log_variance}) program.result(value);
  return evaluate(client, program, arrays);
}

void check_term(const Arrays& got, std::size_t i, const Term& expected, double tolerance) {
  CHECK(got[0][i] == Approx(expected.nats).epsilon(tolerance).margin(tolerance));
  CHECK(got[1][i] == Approx(expected.by_mean).epsilon(tolerance).margin(tolerance));
  CHECK(got[2][i] == Approx(expected.by_log_variance).epsilon(tolerance).margin(tolerance));
}

}  // namespace

TEST_CASE("terms of the bound in programs are those of the processor", "[xla][train]") {
  const auto client = test::xla_client("terms of the bound");
  if (!client) return;
  Arrays bins(3), steps(3);
  for (const float x : {-1.0f, -0.2f, 0.0f, 0.6f, 1.0f})
    for (float mean = -3; mean < 3; mean += 0.0371f)
      for (const float log_variance : {-9.0f, -7.0f, -4.0f, 0.5f}) {
        bins[0].push_back(x);
        bins[1].push_back(mean);
        bins[2].push_back(log_variance);
      }
  for (float wider = -3; wider < 3; wider += 0.0371f)
    for (const float off : {-2.0f, 0.0f, 0.01f})
      for (const float log_variance : {-8.0f, 0.0f}) {
        steps[0].push_back(wider);
        steps[1].push_back(log_variance);
        steps[2].push_back(off);
      }
  const Arrays of_bins = terms_of(*client, bins, device_eight_bit_term);
  for (std::size_t i = 0; i < bins[0].size(); ++i) {
    CAPTURE(bins[0][i], bins[1][i], bins[2][i]);
    check_term(of_bins, i, eight_bit_term(bins[0][i], bins[1][i], bins[2][i]), 3e-4);
  }
  const Arrays of_steps = terms_of(*client, steps, device_kl_term);
  for (std::size_t i = 0; i < steps[0].size(); ++i) {
    CAPTURE(steps[0][i], steps[1][i], steps[2][i]);
    const double q = double(steps[1][i]) - double(steps[0][i]);
    check_term(of_steps, i, kl_term(q, steps[1][i], steps[2][i]), 2e-6);
  }
}

TEST_CASE("exp(x) - 1 and the scaled complement of erf keep their digits", "[xla][train]") {
  const auto client = test::xla_client("functions of the bound");
  if (!client) return;
  Arrays x(2);
  for (float at = -60; at < 3; at += 0.0137f) x[0].push_back(at), x[1].push_back(std::abs(at) / 8);
  for (float at = 1; at > 1e-9f; at /= 1.7f) x[0].push_back(-at), x[1].push_back(at);
  Program program;
  const auto given = parameters(program, x);
  program.result(exp_minus_1(given[0]));
  program.result(scaled_erfc(given[1]));
  const Arrays got = evaluate(*client, program, x);
  for (std::size_t i = 0; i < x[0].size(); ++i) {
    const double y = x[1][i];
    CHECK(got[0][i] == Approx(std::expm1(x[0][i])).epsilon(5e-7).margin(0));
    CHECK(got[1][i] == Approx(std::exp(y * y) * std::erfc(y)).epsilon(1e-6).margin(0));
  }
}
