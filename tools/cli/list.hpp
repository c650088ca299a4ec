// What `list` prints: the registries that flags take names of.
#pragma once
#include <string>
#include <vector>

#include "lib/base/json.hpp"
#include "tools/cli/flags.hpp"

namespace diffusion::cli {

/// A registry, and where its names are given: "--grid NAME[:key=value,...]".
struct Registry {
  std::string title, usage;
  std::vector<Choice> choices;
};

/// Those of flags, each once.
std::vector<Registry> registries_of(const std::vector<Row>& rows);

/// A heading each, and of every row name, summary, parameters with their defaults, and
/// reference.
std::string list_as_text(const std::vector<Registry>& registries);
/// {"samplers": [{"name": ..., "summary": ..., "params": {...}, "reference": ...}], ...}.
Json list_as_json(const std::vector<Registry>& registries);

}  // namespace diffusion::cli
