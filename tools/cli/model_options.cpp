#include "tools/cli/model_options.hpp"

#include "lib/models/model.hpp"

namespace diffusion::cli {

Values a_model(const std::string& without) {
  Values values{.title = "kinds of models"};
  for (const ModelInfo& row : model_kinds()) {
    if (row.prefix == without) continue;
    values.choices.push_back(
        {std::string(row.prefix), std::string(row.summary), std::string(row.reference)});
  }
  return or_files(std::move(values), {".safetensors"});
}

void add_weights(const Flags& flags, std::string& weights) {
  flags.add({"--weights", "WHICH", "ema, ema:RATE or raw", words({"ema", "raw"})}, weights);
}

}  // namespace diffusion::cli
