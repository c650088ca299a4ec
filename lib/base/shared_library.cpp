#include "lib/base/shared_library.hpp"

#include <dlfcn.h>
#include <elf.h>

#include <cstring>
#include <filesystem>
#include <fstream>

namespace diffusion {

bool library_cut_off(const std::string& path) {
  Elf64_Ehdr header{};
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(&header), sizeof header)) return false;
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return false;
  std::error_code none;
  return header.e_shoff + header.e_shnum * std::uint64_t(header.e_shentsize) >
         std::filesystem::file_size(path, none);
}

std::string loaders_reason(const std::string& path) {
  const char* const last = dlerror();
  std::string said = last ? last : "";
  if (said.starts_with(path + ": ")) said.erase(0, path.size() + 2);
  return said;
}

}  // namespace diffusion
