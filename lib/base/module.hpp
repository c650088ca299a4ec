// Modules: shared libraries of ours that stand between a tool and a library which
// costs time to load. Loaded when first needed, so that tools start in milliseconds.
#pragma once
#include <stdexcept>
#include <string>

namespace diffusion {

/// A module is missing or damaged. Not an Error of an input's: a batch ends at the first.
class ModuleError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The function that `file` ("diffusion-image-module.so") exports as `symbol`. The file
/// lies beside the tools, in a build tree as in an installation; it is never unloaded.
/// Throws ModuleError, saying what it is for: "reads and writes pictures".
void* module_symbol(const std::string& file, const char* symbol, const std::string& purpose);

}  // namespace diffusion
