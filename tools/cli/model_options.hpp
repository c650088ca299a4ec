// What MODEL may be, for every tool that takes one.
#pragma once
#include "tools/cli/flags.hpp"

namespace diffusion::cli {

/// Model files, and the prefixes of other kinds ("mixture:") but for `without`.
Values a_model(const std::string& without = "");

/// Names of weights: ema, ema:RATE, power:WIDTH, raw.
Values some_weights();

/// --weights: which of a model file's; "" where it is not given.
void add_weights(const Flags& flags, std::string& weights);

}  // namespace diffusion::cli
