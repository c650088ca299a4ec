#pragma once
#include <string>
#include <vector>

namespace diffusion {

/// The files of the shared libraries that this process has loaded, links followed, since
/// their names tell versions ("/usr/lib/x86_64-linux-gnu/libdnnl.so.2.6"); sorted.
std::vector<std::string> loaded_libraries();

}  // namespace diffusion
