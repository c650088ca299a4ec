// Modules: shared libraries of ours that stand between a tool and a library which
// costs time to load. Loaded when first needed, so that tools start in milliseconds.
#pragma once
#include <string>

namespace diffusion {

/// The function that `file` ("diffusion-image-module.so") exports as `symbol`. The file
/// lies beside the tools, in a build tree as in an installation; it is never unloaded.
/// Throws Error, saying what it is for: "reads and writes pictures".
void* module_symbol(const std::string& file, const char* symbol, const std::string& purpose);

}  // namespace diffusion
