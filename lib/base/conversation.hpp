// A child program that is asked one thing after another.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/process.hpp"

namespace diffusion {

class Conversation {
 public:
  /// As Child. Throws Error when the program cannot be started.
  explicit Conversation(std::span<const std::string> words) : child_(words) {}

  /// Writes `question` to its standard input while reading its standard output, until
  /// complete(answer) or the program closes it: an empty answer is one that had ended
  /// before. Throws Interrupted when the user asks to stop; the destructor ends the program.
  std::string ask(std::string_view question,
                  const std::function<bool(std::string_view answer)>& complete);

  /// Closes its standard input and waits for its end: as Child::wait.
  int finish();

  /// The last line it said on standard error, for messages: ": line", or "".
  std::string complaint() const;

 private:
  void exchange(std::string_view& question, std::string& answer);

  Child child_;
  std::string error_;
};

}  // namespace diffusion
