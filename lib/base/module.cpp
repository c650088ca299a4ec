#include "lib/base/module.hpp"

#include <dlfcn.h>

#include <filesystem>

#include "lib/base/error.hpp"

namespace diffusion {
namespace fs = std::filesystem;

void* module_symbol(const std::string& file, const char* symbol, const std::string& purpose) {
  std::error_code none;
  const fs::path self = fs::read_symlink("/proc/self/exe", none);
  const fs::path path = self.parent_path().parent_path() / DIFFUSION_MODULE_DIR / file;
  void* const library = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (!library)
    throw Error(path.string() + ": the module that " + purpose + " can't be loaded (" + dlerror() +
                ")");
  void* const entry = dlsym(library, symbol);
  if (!entry) throw Error(path.string() + ": not a module of diffusion-tools");
  return entry;
}

}  // namespace diffusion
