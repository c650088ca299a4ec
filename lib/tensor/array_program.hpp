// A program in any language that reads .npy arrays and answers with .npy arrays.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/conversation.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "lib/tensor/formats/npy_header.hpp"

namespace diffusion {

/// Seconds that a program may be silent unless another number is asked for.
inline constexpr double usual_patience = 300;

/// COMMAND of `exec:COMMAND`, run by /bin/sh -c when it is first asked.
class ArrayProgram {
 public:
  /// Whether it must go on until its standard input closes, or may also end after any
  /// answer, to be started again for the next question.
  enum class Life { one, many };

  /// `patience` is for how many seconds nothing may pass either way; 0 is for ever.
  ArrayProgram(std::string command, Life life, double patience = usual_patience);
  /// Ends it: as finish() does, or at once when an exception is under way.
  ~ArrayProgram();

  /// "exec:COMMAND"
  std::string name() const { return "exec:" + command_; }

  /// One array in answer to `question`; accept(header) may refuse what it is going to be
  /// before it has come. Throws Error that names the program when it ends or falls silent,
  /// with the last line it said on standard error, when it answers something else, answers
  /// more than it was asked or before it was. An answer too many may come too late to be told
  /// from the next one: then finish() tells.
  NpyArray ask(std::string_view question, const std::function<void(const NpyHeader&)>& accept);

  /// Closes its standard input and waits for its end: what was wrong with that, or nothing.
  /// Throws Error where its output does not end, or holds more than what it was asked for.
  std::optional<std::string> finish();

  [[noreturn]] void fail(const std::string& what) const;

 private:
  void start();
  Conversation::Answer converse(std::string_view question,
                                const std::function<void(const NpyHeader&)>& accept);
  void need_silence();
  void need_end();
  [[noreturn]] void fail_at_end(const std::string& what);

  std::string command_;
  Life life_;
  double patience_;
  std::size_t answers_ = 0;
  bool answered_ = false;  // since it was started
  std::optional<Conversation> talk_;
};

}  // namespace diffusion
