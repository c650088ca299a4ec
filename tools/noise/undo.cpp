#include "tools/noise/undo.hpp"

namespace diffusion {
namespace {

Tensor answer_of(const UndoRequest& request, std::string_view name, const Tensor& x_t,
                 const Tensor& predicted, const UndoPlace& place) {
  const bool known = name == request.predicts && !request.clip;
  if (known) return predicted;
  const Denoised denoised = undone(parse_prediction(request.predicts), predicted, x_t, place.at,
                                   request.clip ? UndoClip::limited : UndoClip::none);
  return undo_quantity(name, denoised, x_t, place);
}

}  // namespace

const CLI::App* add_undo(cli::Tool& tool, UndoRequest& request) {
  const cli::Flags flags =
      tool.add_command("undo", "From x_t and a prediction to x0, eps, score, ...");
  const cli::Values arrays = cli::files({".npy"});
  cli::Values predicted = cli::one_of({"eps", "x0", "v", "u", "score"});
  predicted.canonical = cli::names_of("", predictions()).canonical;
  flags.add({.names = "x_t",
             .value = "X_T",
             .help = "Noisy data: FILE.npy, or numbers",
             .values = arrays,
             .required = true},
            request.given.first);
  flags.add({.names = "prediction",
             .value = "PREDICTION",
             .help = "What a network said: FILE.npy, or numbers",
             .values = arrays,
             .required = true},
            request.given.second);
  flags.add({.names = "--predict",
             .value = "WHAT",
             .help = "{}",
             .values = predicted,
             .formerly = "--predicts"},
            request.predicts);
  add_place_options(flags, request.given);
  flags.add({"--clip", "", "Clip x0 to [-1, 1], and derive the rest from that"}, request.clip);
  flags.add({.names = "--give",
             .value = "WHAT",
             .help = "{}",
             .values = cli::one_of({"x0", "eps", "v", "u", "score", "mean"}),
             .otherwise = "all, or x0"},
            request.given.give);
  add_array_output(flags, request.given);
  return &flags.app();
}

cli::ExitCode run_undo(const cli::Tool& tool, const UndoRequest& request) {
  return answer(tool, request.given,
                {.command = "undo",
                 .first = "x_t",
                 .second = "a prediction",
                 .answers = undo_quantities,
                 .answer = [&](std::string_view name, const Tensor& x_t, const Tensor& predicted,
                               const UndoPlace& place) {
                   return answer_of(request, name, x_t, predicted, place);
                 }});
}

}  // namespace diffusion
