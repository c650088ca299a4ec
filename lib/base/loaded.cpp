#include "lib/base/loaded.hpp"

#include <link.h>

#include <algorithm>
#include <filesystem>

namespace diffusion {

std::vector<std::string> loaded_libraries() {
  std::vector<std::string> files;
  const auto add = [](dl_phdr_info* info, std::size_t, void* list) {
    std::error_code missing;  // the program itself has no name, and the kernel's part no file
    const auto path = std::filesystem::canonical(info->dlpi_name, missing);
    if (!missing) static_cast<std::vector<std::string>*>(list)->push_back(path.string());
    return 0;
  };
  dl_iterate_phdr(add, &files);
  std::ranges::sort(files);
  return files;
}

}  // namespace diffusion
