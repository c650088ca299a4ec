// What diff-train eval prints.
#pragma once
#include <iosfwd>
#include <string>

#include "lib/base/json.hpp"
#include "tools/train/eval_judge.hpp"

namespace diffusion {

/// "8-bit values", or what else bits are of.
std::string decoder_name(Decoder decoder);

/// Tables: by bands of t, of bits per dimension, and by classes where there are any.
void print_text(std::ostream& out, const Judgement& found, const EvalImages& images);
Json to_json(const Judgement& found, const EvalImages& images);

}  // namespace diffusion
