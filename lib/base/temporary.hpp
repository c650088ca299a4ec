// Names for files that are still being written, and the removal of those left by killed
// processes.
#pragma once
#include <string>

namespace diffusion {

/// ".name.HOST-PID-N.ext" beside "name.ext": hidden from image sets, and unlike any name
/// a user asks for. Of a name that leaves no room for more, its front and its hash.
std::string temporary_name(const std::string& path);

/// Removes the temporary files of `path` whose process was killed while it wrote. Those of
/// other machines and containers are left alone: whether their process lives cannot be
/// seen from here. A folder is looked through once in a process's life.
void remove_left_overs(const std::string& path);

}  // namespace diffusion
