// Keeps what a plugin logs off the terminal.
#pragma once
#include <string>

#include "lib/base/error.hpp"

namespace diffusion::xla {

/// While it lives, standard error goes to memory, for all threads; where another one lives
/// already, it does nothing. At its end lines that are not a plugin's log are written after all.
class HeldStderr {
 public:
  HeldStderr();
  ~HeldStderr();
  HeldStderr(const HeldStderr&) = delete;
  HeldStderr& operator=(const HeldStderr&) = delete;

  /// Writes all that was held, once, and holds no more.
  void show();

 private:
  std::string release();

  bool holds_ = false;
};

/// While it lives, what is written to standard output goes to standard error, for all threads.
class StdoutAside {
 public:
  StdoutAside();
  ~StdoutAside();
  StdoutAside(const StdoutAside&) = delete;
  StdoutAside& operator=(const StdoutAside&) = delete;

 private:
  int kept_;
};

/// Async-signal-safe: gives standard error back and writes what was held, for a handler of a
/// signal that ends the program.
void show_held_stderr_at_end() noexcept;

/// Lines that a plugin's logging wrote are left out: "E0000 00:00:1784 file.cc:12] ...".
std::string without_log_lines(const std::string& text);

/// What `act` returns. The plugin's log is shown only if it throws Error.
template <class Act>
decltype(auto) quietly(const Act& act) {
  HeldStderr held;
  try {
    return act();
  } catch (const Error&) {
    held.show();
    throw;
  }
}

}  // namespace diffusion::xla
