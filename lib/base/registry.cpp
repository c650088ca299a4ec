#include "lib/base/registry.hpp"

namespace diffusion {

std::string with_params(std::string_view synonym, std::string_view params) {
  const auto colon = synonym.find(':');
  if (colon == synonym.npos || params.size() < 2) return std::string(synonym) + std::string(params);
  const std::string given(params.substr(1));
  std::string spec(synonym.substr(0, colon + 1));
  for (const std::string& own : split(synonym.substr(colon + 1), ','))
    if (("," + given).find("," + own.substr(0, own.find('=') + 1)) == given.npos) spec += own + ",";
  return spec + given;
}

}  // namespace diffusion
