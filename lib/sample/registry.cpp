#include <string>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/sample/sampler.hpp"

namespace diffusion {

Sampler make_ddim(Params&);

std::span<const SamplerInfo> samplers() {
  static constexpr SamplerInfo rows[] = {
      {"ddim", "Implicit sampler; eta=1 is DDPM's ancestral sampling", "Song et al. 2020, Eq. 12",
       1, false, false, make_ddim},
  };
  return rows;
}

Sampler make_sampler(std::string_view spec) {
  Params params(spec);
  std::vector<std::string> names;
  for (const SamplerInfo& row : samplers()) {
    names.emplace_back(row.name);
    if (row.name != params.name()) continue;
    Sampler made = row.make(params);
    params.finish();
    return made;
  }
  throw Error("unknown sampler '" + params.name() + "' (have: " + join(names, ", ") + ")");
}

}  // namespace diffusion
