#include "tools/cli/model_options.hpp"

#include "lib/models/model.hpp"

namespace diffusion::cli {
namespace {

/// What the prefix of a kind stands before.
std::function<Values()> rest_after(std::string_view prefix) {
  if (prefix == "exec:") return {};
  const bool mixture = prefix == "mixture:";
  return [=] { return mixture ? files({".json"}) : files(); };
}

}  // namespace

Values a_model(const std::string& without) {
  Values values{.title = "kinds of models"};
  for (const ModelInfo& row : model_kinds()) {
    if (row.prefix == without) continue;
    values.choices.push_back({std::string(row.prefix), std::string(row.summary),
                              std::string(row.reference), rest_after(row.prefix)});
  }
  return or_files(std::move(values), {".safetensors"});
}

void add_weights(const Flags& flags, std::string& weights) {
  flags.add({"--weights", "WHICH", "ema, ema:RATE or raw", words({"ema", "raw"})}, weights);
}

}  // namespace diffusion::cli
