#include "lib/xla/plugin_crash.hpp"

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

/// A loaded library, and what is written if it ends the program, before the signal's name.
struct Watched {
  std::uintptr_t from = 0, to = 0;
  char said[256] = "";

  bool has(const void* code) const {
    const auto at = reinterpret_cast<std::uintptr_t>(code);
    return at >= from && at < to;
  }
};

struct Ending {
  int signal;
  const char* name;
  struct sigaction before = {};
};

// A signal's handler can reach nothing else. Entries are whole before they are counted.
Watched libraries[8];
std::atomic<std::size_t> watched = 0;
Watched loading;
std::atomic<bool> is_loading = false;
Ending endings[] = {{SIGABRT, "SIGABRT"},
                    {SIGSEGV, "SIGSEGV"},
                    {SIGBUS, "SIGBUS"},
                    {SIGILL, "SIGILL"},
                    {SIGFPE, "SIGFPE"}};

const Watched* ending_library() {
  void* frames[64];
  const int count = backtrace(frames, 64);
  for (std::size_t i = 0; i < watched; ++i)
    if (std::any_of(frames, frames + count, [&](void* at) { return libraries[i].has(at); }))
      return &libraries[i];
  return is_loading ? &loading : nullptr;
}

void write_text(const char* text) {
  (void)!write(STDERR_FILENO, text, std::char_traits<char>::length(text));
}

void on_end(int signal) {
  show_held_stderr_at_end();
  const Ending& ending = *std::ranges::find(endings, signal, &Ending::signal);
  if (const Watched* const library = ending_library()) {
    write_text(library->said);
    write_text(ending.name);
    write_text(")\n");
  }
  sigaction(signal, &ending.before, nullptr);
  raise(signal);
}

void say_of(Watched& library, const std::string& name) {
  const std::string said = name + ": the XLA plugin ended the program (";
  library.said[said.copy(library.said, sizeof library.said - 1)] = '\0';
}

void catch_endings() {
  void* frame[1];
  backtrace(frame, 1);  // loads what it needs, which a handler may not
  for (Ending& ending : endings) {
    struct sigaction now = {}, action = {};
    sigaction(ending.signal, nullptr, &now);
    if (now.sa_handler == on_end) continue;
    ending.before = now;
    action.sa_handler = on_end;
    sigaction(ending.signal, &action, nullptr);
  }
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
  say_of(search.found, name);
  libraries[count] = search.found;
  watched = count + 1;
}

}  // namespace

void name_plugin_in_crashes(const void* code, const std::string& name) {
  watch(code, name);
  catch_endings();
}

NamedInCrashes::NamedInCrashes(const std::string& name) {
  say_of(loading, name);
  catch_endings();
  is_loading = true;
}

NamedInCrashes::~NamedInCrashes() { is_loading = false; }

}  // namespace diffusion::xla
