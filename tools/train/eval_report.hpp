// What diff-train eval prints.
#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "lib/base/json.hpp"
#include "lib/train/evaluation.hpp"

namespace diffusion {

using LabelNames = std::vector<std::string>;  // by label; may be empty

/// "8-bit values", or what else bits are of.
std::string decoder_name(const Judgement& found);

/// Tables: by bands of t, of bits per dimension, and by classes where there are any.
void print_text(std::ostream& out, const Judgement& found, const LabelNames& names);
Json to_json(const Judgement& found, const LabelNames& names);

}  // namespace diffusion
