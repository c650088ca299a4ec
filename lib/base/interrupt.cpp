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
  std::signal(SIGINT, note_interrupt);
  std::signal(SIGTERM, note_interrupt);
}

bool interrupted() { return asked != 0; }

void stop_if_interrupted() {
  if (interrupted()) throw Interrupted();
}

}  // namespace diffusion
