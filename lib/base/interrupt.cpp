#include "lib/base/interrupt.hpp"

#include <csignal>

#include "lib/base/error.hpp"

namespace diffusion {
namespace {

volatile std::sig_atomic_t asked = 0;

extern "C" void note_interrupt(int signal) {
  asked = 1;
  std::signal(signal, SIG_DFL);
}

}  // namespace

void catch_interrupts() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})  // what nohup ignores stays ignored
    if (std::signal(signal, note_interrupt) == SIG_IGN) std::signal(signal, SIG_IGN);
}

bool interrupted() { return asked != 0; }

void stop_if_interrupted() {
  if (interrupted()) throw Interrupted();
}

}  // namespace diffusion
