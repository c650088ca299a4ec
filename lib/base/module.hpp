// Modules: our own shared libraries, each in front of a library that is slow to load.
// A tool loads one when it first needs it, and so starts in milliseconds.
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

/// Throws ModuleError for a file of ours that was not made with this program.
[[noreturn]] void refuse_other_build(const std::string& path, const std::string& purpose);

/// Where such a file lies, or a program of ours that only tools start. Throws ModuleError where
/// there is none.
std::string module_path(const std::string& file, const std::string& purpose);

}  // namespace diffusion

/// Names the build: its version, its compiler and a hash of all headers. Programs and modules
/// each have it, and only those whose stamps are equal may exchange C++ objects.
extern "C" const char* diffusion_module_stamp();
