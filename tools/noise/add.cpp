#include "tools/noise/add.hpp"

#include "lib/base/error.hpp"
#include "lib/noise/forward.hpp"
#include "lib/tensor/finite.hpp"

namespace diffusion {
namespace {

constexpr std::string_view answers[] = {"x_t", "x0", "eps", "v", "u", "score", "mean"};

Tensor answer_of(std::string_view name, const Tensor& x0, const Tensor& eps,
                 const UndoPlace& place) {
  if (place.at.clean()) throw Error("at this level there is no noise to add (sigma = 0)");
  const Tensor x_t = noised(x0, eps, place.at);
  const Tensor made = name == "x_t" ? x_t : undo_quantity(name, {x0, eps, {}}, x_t, place);
  if (!all_finite(made)) throw Error(std::string(name) + " is too large for float32");
  return made;
}

}  // namespace

const CLI::App* add_add(cli::Tool& tool, QuantityRequest& request) {
  const cli::Flags flags = tool.add_command("add", "From x_0 and eps to x_t, v, score, ...");
  const cli::Values arrays = cli::files({".npy"});
  flags.add({.names = "x_0",
             .value = "X_0",
             .help = "Clean data: FILE.npy, or numbers",
             .values = arrays,
             .required = true},
            request.first);
  flags.add({.names = "eps",
             .value = "EPS",
             .help = "Noise: FILE.npy, or numbers",
             .values = arrays,
             .required = true},
            request.second);
  add_place_options(flags, request);
  flags.add({.names = "--give",
             .value = "WHAT",
             .help = "{}",
             .values = cli::one_of({std::begin(answers), std::end(answers)}),
             .otherwise = "all, or x_t"},
            request.give);
  add_array_output(flags, request);
  return &flags.app();
}

cli::ExitCode run_add(const cli::Tool& tool, const QuantityRequest& request) {
  return answer(
      tool, request,
      {.command = "add", .first = "x_0", .second = "eps", .answers = answers, .answer = answer_of});
}

}  // namespace diffusion
