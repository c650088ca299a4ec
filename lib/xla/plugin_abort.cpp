#include "lib/xla/plugin_abort.hpp"

#include <execinfo.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>

#include "lib/xla/held_stderr.hpp"

namespace diffusion::xla {
namespace {

/// A loaded library, and what is written if it ends the program.
struct Watched {
  std::uintptr_t from = 0, to = 0;
  char line[256] = "";

  bool has(const void* code) const {
    const auto at = reinterpret_cast<std::uintptr_t>(code);
    return at >= from && at < to;
  }
};

// A signal's handler can reach nothing else. Entries are whole before they are counted.
Watched libraries[8];
std::atomic<std::size_t> watched = 0;
struct sigaction before;

const Watched* aborting_library() {
  void* frames[64];
  const int count = backtrace(frames, 64);
  for (std::size_t i = 0; i < watched; ++i)
    if (std::any_of(frames, frames + count, [&](void* at) { return libraries[i].has(at); }))
      return &libraries[i];
  return nullptr;
}

void on_abort(int signal) {
  show_held_stderr_at_end();
  if (const Watched* const library = aborting_library())
    (void)!write(STDERR_FILENO, library->line, std::char_traits<char>::length(library->line));
  sigaction(signal, &before, nullptr);
  raise(signal);
}

struct Search {
  const void* code;
  Watched found;
};

/// Where the loader put a library, if it is the one that is searched.
int find_range(dl_phdr_info* info, std::size_t, void* given) {
  Watched at{UINTPTR_MAX, 0, ""};
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD) continue;
    at.from = std::min<std::uintptr_t>(at.from, info->dlpi_addr + part.p_vaddr);
    at.to = std::max<std::uintptr_t>(at.to, info->dlpi_addr + part.p_vaddr + part.p_memsz);
  }
  auto* const search = static_cast<Search*>(given);
  if (!at.has(search->code)) return 0;
  search->found = at;
  return 1;
}

void watch(const void* code, const std::string& name) {
  const std::size_t count = watched;
  if (count == std::size(libraries)) return;
  for (std::size_t i = 0; i < count; ++i)
    if (libraries[i].has(code)) return;
  Search search{code, {}};
  if (!dl_iterate_phdr(find_range, &search)) return;
  const std::string line = name + ": the XLA plugin ended the program (SIGABRT)\n";
  line.copy(search.found.line, sizeof search.found.line - 1);
  libraries[count] = search.found;
  watched = count + 1;
}

}  // namespace

void name_plugin_in_aborts(const void* code, const std::string& name) {
  watch(code, name);
  void* frame[1];
  backtrace(frame, 1);  // loads what it needs, which a handler may not
  struct sigaction now = {}, action = {};
  sigaction(SIGABRT, nullptr, &now);
  if (now.sa_handler == on_abort) return;
  before = now;
  action.sa_handler = on_abort;
  sigaction(SIGABRT, &action, nullptr);
}

}  // namespace diffusion::xla
