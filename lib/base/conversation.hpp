// A child program that answers one question after another.
#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/process.hpp"

namespace diffusion {

class Conversation {
 public:
  /// As Child. `patience` is for how many seconds nothing may pass either way while an
  /// answer or its end is waited for. Throws Error when the program cannot be started.
  explicit Conversation(std::span<const std::string> words,
                        double patience = std::numeric_limits<double>::infinity())
      : child_(words), patience_(patience) {}

  /// What came, and whether that was all, or the program had closed its output, or had
  /// fallen silent.
  enum class Until { complete, ended, silent };
  struct Answer {
    std::string bytes;
    Until until;
    bool untimely = false;  // began before the program had read any of the question
  };

  /// Writes `question` to its standard input while reading its standard output, until
  /// complete(bytes). Throws Interrupted when the user asks to stop, and what `complete`
  /// throws; the destructor ends the program.
  Answer ask(std::string_view question,
             const std::function<bool(std::string_view bytes)>& complete);

  /// What has come since the last answer without having been asked for.
  std::string unasked();

  /// Closes its standard input and waits until its output ends, or says more: then it is
  /// complete.
  Until rest();
  /// Closes its standard input and waits for its end, for so many seconds of silence at
  /// most: as Child::wait, with what it still says left aside.
  std::optional<int> finish(double patience = usual_end);
  static constexpr double usual_end = 10;

  /// The last line it said on standard error, for messages: ": line", or "".
  std::string complaint() const;

 private:
  bool exchange(std::string_view& question, std::string& answer, double patience);
  std::uint64_t read_by_it() const;

  Child child_;
  double patience_;
  std::uint64_t written_ = 0;  // to its standard input
  std::string error_;
};

}  // namespace diffusion
