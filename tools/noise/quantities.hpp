// Two quantities at a noise level, given as numbers or arrays, and all that they determine:
// what diff-noise add and undo have in common.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/noise/undo.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion {

struct QuantityRequest {
  std::string first, second;  // .npy files, or numbers "1.2,-0.3"
  std::string schedule = "cosine";
  int length = 0;                   // T of a family
  std::string step = "";            // a number, or a .npy file of one a row
  std::optional<double> alpha_bar;  // instead of a step
  std::optional<double> beta;       // of the step to that alpha_bar
  std::optional<int> to;            // the mean is of x at this step; default: one before
  std::string give = "";            // "": all of numbers, the first of arrays
  std::string output = "-";
};

/// What a subcommand makes of two quantities of one shape.
struct QuantityTask {
  std::string_view command;                   // "undo"
  std::string first, second;                  // what the two are, for messages: "x_t"
  std::span<const std::string_view> answers;  // the first is what arrays are made of
  /// One of these answers. Throws Error.
  std::function<Tensor(std::string_view name, const Tensor& first, const Tensor& second,
                       const UndoPlace& place)>
      answer;
};

/// -t, --schedule, -T, --to, --alpha-bar and --beta.
void add_place_options(const cli::Flags& flags, QuantityRequest& request);
/// -o.
void add_array_output(const cli::Flags& flags, QuantityRequest& request);

/// Prints all answers, or the one that is asked for, as numbers; or writes that one as an
/// array, where either quantity is one. Throws Error.
cli::ExitCode answer(const cli::Tool& tool, const QuantityRequest& request,
                     const QuantityTask& task);

}  // namespace diffusion
