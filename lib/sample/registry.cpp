#include "lib/base/registry.hpp"

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

Sampler make_sampler(std::string_view spec) { return make_from(samplers(), spec, "sampler"); }

}  // namespace diffusion
