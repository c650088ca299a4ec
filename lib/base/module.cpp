#include "lib/base/module.hpp"

#include <dlfcn.h>

#include <filesystem>

#include "lib/base/shared_library.hpp"

namespace diffusion {
namespace fs = std::filesystem;

namespace {

/// Whether the module was made together with this program; without a stamp it was not.
bool of_this_build(void* library) {
  void* const stamp = dlsym(library, "diffusion_module_stamp");
  return stamp && std::string_view(reinterpret_cast<decltype(&diffusion_module_stamp)>(stamp)()) ==
                      diffusion_module_stamp();
}

}  // namespace

void refuse_other_build(const std::string& path, const std::string& purpose) {
  throw ModuleError(path + ": " + purpose +
                    ", but belongs to another build of diffusion-tools: install its programs and "
                    "modules together");
}

std::string module_path(const std::string& file, const std::string& purpose) {
  std::error_code none;
  const fs::path self = fs::read_symlink("/proc/self/exe", none);
  const fs::path path = self.parent_path().parent_path() / DIFFUSION_MODULE_DIR / file;
  if (!fs::exists(path, none))
    throw ModuleError(
        path.string() + ": the module that " + purpose +
        " is missing: install diffusion-tools again, its modules beside its programs");
  return path.string();
}

void* module_symbol(const std::string& file, const char* symbol, const std::string& purpose) {
  const fs::path path = module_path(file, purpose);
  if (library_cut_off(path.string()))
    throw ModuleError(path.string() + ": the module that " + purpose +
                      " is cut off: install diffusion-tools again");
  void* const library = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (!library)
    throw ModuleError(path.string() + ": the module that " + purpose + " can't be loaded (" +
                      loaders_reason(path.string()) +
                      "): install the library that this names, or diffusion-tools again");
  void* const entry = dlsym(library, symbol);
  if (!entry) throw ModuleError(path.string() + ": not a module of diffusion-tools");
  if (!of_this_build(library)) refuse_other_build(path.string(), purpose);
  return entry;
}

}  // namespace diffusion
