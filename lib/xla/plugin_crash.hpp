// Who ended the program, where a plugin did.
#pragma once
#include <string>

namespace diffusion::xla {

/// From now on, if code of the library that has `code` in it ends the program by a signal (SIGABRT,
/// SIGSEGV, SIGBUS, SIGILL or SIGFPE), a line names it. Others end the program as before.
void name_plugin_in_crashes(const void* code, const std::string& name);

/// While it lives, so does any such end: the plugin is being loaded, and its code not known yet.
class NamedInCrashes {
 public:
  explicit NamedInCrashes(const std::string& name);
  ~NamedInCrashes();
  NamedInCrashes(const NamedInCrashes&) = delete;
  NamedInCrashes& operator=(const NamedInCrashes&) = delete;
};

}  // namespace diffusion::xla
