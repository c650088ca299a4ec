#include "lib/train/learning_rate.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lib/base/registry.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

double read_end(Params& params) {
  const double end = params.number("end", 0);
  if (!(end >= 0 && end <= 1))
    params.refuse("end", "must lie in 0..1 (of the peak), got " + shortest(end));
  return end;
}

Decay make_cosine(Params& params) {
  const double end = read_end(params);
  return [end](double u) { return end + (1 - end) * (1 + std::cos(std::numbers::pi * u)) / 2; };
}

Decay make_linear(Params& params) {
  const double end = read_end(params);
  return [end](double u) { return end + (1 - end) * (1 - u); };
}

Decay make_constant(Params&) {
  return [](double) { return 1.0; };
}

constexpr DecayInfo rows[] = {
    {"cosine", "half a cosine wave down to end (0)", "Loshchilov & Hutter 2017", make_cosine},
    {"linear", "a straight line down to end (0)", "", make_linear},
    {"constant", "stays at the peak", "", make_constant},
};

}  // namespace

std::span<const DecayInfo> decays() { return rows; }

Decay make_decay(const std::string& spec) { return make_from(decays(), spec, "decay"); }

double LearningRate::at(std::uint64_t step) const {
  if (step < warmup) return peak * double(step + 1) / double(warmup);
  const double left = double(steps > warmup ? steps - warmup : 1);
  return peak * decay(std::min(1.0, double(step - warmup) / left));
}

}  // namespace diffusion
