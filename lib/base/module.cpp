#include "lib/base/module.hpp"

#include <dlfcn.h>

#include <filesystem>

#include "lib/base/error.hpp"

namespace diffusion {
namespace fs = std::filesystem;

namespace {

/// What the loader says, without the path where it begins with that.
std::string reason(const std::string& path, std::string said) {
  if (said.starts_with(path + ": ")) said.erase(0, path.size() + 2);
  return said;
}

}  // namespace

void* module_symbol(const std::string& file, const char* symbol, const std::string& purpose) {
  std::error_code none;
  const fs::path self = fs::read_symlink("/proc/self/exe", none);
  const fs::path path = self.parent_path().parent_path() / DIFFUSION_MODULE_DIR / file;
  if (!fs::exists(path, none))
    throw Error(path.string() + ": the module that " + purpose +
                " is missing: install diffusion-tools again, its modules beside its programs");
  void* const library = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (!library)
    throw Error(path.string() + ": the module that " + purpose + " can't be loaded (" +
                reason(path.string(), dlerror()) +
                "): install what it names, or diffusion-tools again");
  void* const entry = dlsym(library, symbol);
  if (!entry) throw Error(path.string() + ": not a module of diffusion-tools");
  return entry;
}

}  // namespace diffusion
