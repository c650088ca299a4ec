// A table of the user's own, from numbers in place or from a file.
#include "lib/base/error.hpp"
#include "lib/schedule/families/families.hpp"
#include "lib/schedule/number_list.hpp"

namespace diffusion {

Schedule make_custom(Params& params, int steps) {
  const bool betas = params.has("betas"), alpha_bars = params.has("alpha_bars"),
             sigmas = params.has("sigmas");
  if (betas + alpha_bars + sigmas != 1)
    throw Error(
        "custom: needs one of betas, alpha_bars or sigmas: a file, or numbers such as "
        "betas=0.1:0.2");
  Schedule made;
  if (betas)
    made = from_betas(list_of_numbers(params.text("betas", ""), {"betas", "beta"}));
  else if (alpha_bars)
    made = from_alpha_bars(list_of_numbers(params.text("alpha_bars", ""),
                                           {"alphas_cumprod", "alpha_bars", "alpha_bar"}));
  else
    made = from_sigmas(path_named(params.choice("process", {"ve", "flow"}), params.name()),
                       list_of_numbers(params.text("sigmas", ""), {"sigmas", "sigma"}));
  if (steps != 0 && steps != made.steps())
    params.refuse("T", "is the number of entries, " + std::to_string(made.steps()) + ", not " +
                           std::to_string(steps));
  return made;
}

}  // namespace diffusion
