#include "tools/cli/model_options.hpp"

#include <algorithm>
#include <filesystem>

#include "lib/models/model.hpp"

namespace diffusion::cli {
namespace {

/// "Mixture:two.json" is mixture:two.json, unless a file is called that.
std::string canonical_model(const std::string& spec) {
  const auto colon = spec.find(':');
  std::error_code none;
  if (colon == spec.npos || std::filesystem::exists(spec, none)) return spec;
  const std::string kind = comparable_name(spec.substr(0, colon + 1));
  const bool known =
      std::ranges::find(model_kinds(), kind, &ModelInfo::prefix) != model_kinds().end();
  return known ? kind + spec.substr(colon + 1) : spec;
}

/// What the prefix of a kind stands before.
std::function<Values()> rest_after(std::string_view prefix) {
  if (prefix == "exec:") return {};
  const bool mixture = prefix == "mixture:";
  return [=] { return mixture ? files({".json"}) : files(); };
}

}  // namespace

Values a_model(const std::string& without) {
  Values values{.title = "kinds of models", .canonical = canonical_model};
  for (const ModelInfo& row : model_kinds()) {
    if (row.prefix == without) continue;
    values.choices.push_back({.name = std::string(row.prefix),
                              .summary = std::string(row.summary),
                              .reference = std::string(row.reference),
                              .then = rest_after(row.prefix)});
  }
  return or_files(std::move(values), {".safetensors"});
}

Values some_weights() {
  Values known = words({"ema", "power", "raw"});
  known.canonical = [of_name = known.canonical](const std::string& text) {
    const auto colon = std::min(text.find(':'), text.size());
    return of_name(text.substr(0, colon)) + text.substr(colon);
  };
  return known;
}

void add_weights(const Flags& flags, std::string& weights) {
  flags.add({.names = "--weights",
             .value = "WHICH",
             .help = "ema, ema:RATE, power:WIDTH or raw",
             .values = some_weights(),
             .otherwise = std::string(usual_weights)},
            weights);
}

}  // namespace diffusion::cli
