#include "lib/base/module.hpp"

#include <dlfcn.h>
#include <elf.h>

#include <filesystem>
#include <fstream>

namespace diffusion {
namespace fs = std::filesystem;

namespace {

/// What the loader says, without the path where it begins with that.
std::string reason(const std::string& path, std::string said) {
  if (said.starts_with(path + ": ")) said.erase(0, path.size() + 2);
  return said;
}

/// Whether the file ends before the table that its header says is its last part. The loader
/// maps such a file all the same, and touching what is missing ends the program (SIGBUS).
bool cut_off(const fs::path& path) {
  Elf64_Ehdr header{};
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(&header), sizeof header)) return false;
  std::error_code none;
  return header.e_shoff + header.e_shnum * std::uint64_t(header.e_shentsize) >
         fs::file_size(path, none);
}

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
  if (cut_off(path))
    throw ModuleError(path.string() + ": the module that " + purpose +
                      " is cut off: install diffusion-tools again");
  void* const library = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (!library)
    throw ModuleError(path.string() + ": the module that " + purpose + " can't be loaded (" +
                      reason(path.string(), dlerror()) +
                      "): install the library that this names, or diffusion-tools again");
  void* const entry = dlsym(library, symbol);
  if (!entry) throw ModuleError(path.string() + ": not a module of diffusion-tools");
  if (!of_this_build(library)) refuse_other_build(path.string(), purpose);
  return entry;
}

}  // namespace diffusion
