#include "lib/xla/plugin_abort.hpp"

#include <execinfo.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>

#include "lib/xla/held_stderr.hpp"

namespace diffusion::xla {
namespace {

// A signal's handler can reach nothing else. Written once, before it is installed.
struct {
  std::uintptr_t from = 0, to = 0;
  char message[512] = "";
  struct sigaction before = {};
} watched;

bool aborted_by_plugin() {
  void* frames[64];
  const int count = backtrace(frames, 64);
  return std::any_of(frames, frames + count, [](void* frame) {
    const auto at = reinterpret_cast<std::uintptr_t>(frame);
    return at >= watched.from && at < watched.to;
  });
}

void on_abort(int signal) {
  show_held_stderr_at_end();
  if (aborted_by_plugin()) {
    const auto length = std::char_traits<char>::length(watched.message);
    (void)!write(STDERR_FILENO, watched.message, length);
  }
  sigaction(signal, &watched.before, nullptr);
  raise(signal);
}

/// Where the loader put the library.
int find_range(dl_phdr_info* info, std::size_t, void* code) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(code);
  std::uintptr_t from = UINTPTR_MAX, to = 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD) continue;
    const std::uintptr_t at = info->dlpi_addr + part.p_vaddr;
    from = std::min(from, at);
    to = std::max(to, at + part.p_memsz);
  }
  if (wanted < from || wanted >= to) return 0;
  watched.from = from;
  watched.to = to;
  return 1;
}

}  // namespace

void name_plugin_in_aborts(const void* code, const std::string& name) {
  if (watched.to) return;
  dl_iterate_phdr(find_range, const_cast<void*>(code));
  const std::string line = name + ": the XLA plugin ended the program (SIGABRT)\n";
  line.copy(watched.message, sizeof watched.message - 1);
  void* frame[1];
  backtrace(frame, 1);  // loads what it needs, which a handler may not
  struct sigaction action = {};
  action.sa_handler = on_abort;
  sigaction(SIGABRT, &action, &watched.before);
}

}  // namespace diffusion::xla
