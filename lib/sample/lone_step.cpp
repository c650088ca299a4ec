#include "lib/sample/lone_step.hpp"

#include "lib/base/error.hpp"

namespace diffusion {
namespace {

std::string lone_samplers() {
  std::string names;
  for (const SamplerInfo& row : samplers())
    if (row.steps == Steps::alone) names.append(names.empty() ? "" : ", ").append(row.name);
  return names;
}

/// Hands out the one estimate where it was made, and nowhere else.
Denoiser answering_once(const std::string& spec, const LoneStep& step) {
  return [&spec, &step](const Tensor&, const NoiseLevel& at) {
    if (at.lambda != step.from.lambda)
      throw Error(spec +
                  ": adds noise before it asks for an estimate, which is then at another "
                  "level than the state's; without churn it does not");
    return step.estimate;
  };
}

}  // namespace

Tensor lone_step(const std::string& spec, const LoneStep& step) {
  if (sampler_row(spec).steps != Steps::alone)
    throw Error(spec + ": a step of it needs more than one estimate, or earlier ones; steps of " +
                lone_samplers() + " can be taken alone");
  const Denoiser denoise = answering_once(spec, step);
  const NoiseLevel grid[] = {step.from, step.to};
  return make_sampler(spec)(
      {.denoise = denoise,
       .x = step.x,
       .grid = grid,
       .path = step.path,
       .noise = [&](const Shape& shape,
                    std::uint32_t draw) { return step.noise(shape, step.index - 1 + draw); },
       .at_level = {},
       .schedule = step.schedule});
}

}  // namespace diffusion
