#include "lib/base/interrupt.hpp"

#include <csignal>

#include "lib/base/error.hpp"

namespace diffusion {
namespace {

volatile std::sig_atomic_t asked = 0, requested = 0;

extern "C" void note_interrupt(int signal) {
  asked = 1;
  std::signal(signal, SIG_DFL);
}

extern "C" void note_request(int) { requested = 1; }

}  // namespace

void catch_interrupts() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})  // what nohup ignores stays ignored
    if (std::signal(signal, note_interrupt) == SIG_IGN) std::signal(signal, SIG_IGN);
}

bool interrupted() { return asked != 0; }

void stop_if_interrupted() {
  if (interrupted()) throw Interrupted();
}

void catch_stop_requests() {
  struct sigaction action = {};
  action.sa_handler = note_request;
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &action, nullptr);
}

bool stop_requested() { return requested != 0; }

}  // namespace diffusion
