// Pipes to child programs, written and read without waiting.
#pragma once
#include <csignal>
#include <string>
#include <string_view>

#include "lib/base/process.hpp"

namespace diffusion {

/// While it lives, writing into a pipe without a reader fails with EPIPE in this
/// thread and raises nothing, whatever the program does with SIGPIPE.
class NoSigpipe {
 public:
  NoSigpipe();
  ~NoSigpipe();
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;

 private:
  sigset_t pipe_, before_;
  bool was_pending_;
};

/// Writes what fits and removes it from `left`. False: nobody reads any more.
bool feed(const Descriptor& end, std::string_view& left);

/// Appends what is there; closes the pipe at its end.
void collect(Descriptor& end, std::string& text);

}  // namespace diffusion
