#include "lib/models/mixture.hpp"
#include "lib/models/model.hpp"

namespace diffusion {

std::span<const ModelInfo> model_kinds() {
  static constexpr ModelInfo rows[] = {
      {"mixture:", "isotropic Gaussian mixture from a JSON file; exact, no network",
       "diff-formats(5)", load_mixture},
  };
  return rows;
}

}  // namespace diffusion
