#pragma once
#include <string>

namespace diffusion::xla {

/// From now on, if code of the library that has `code` in it aborts the program (SIGABRT), a
/// line names it. Other aborts end the program as before.
void name_plugin_in_aborts(const void* code, const std::string& name);

}  // namespace diffusion::xla
