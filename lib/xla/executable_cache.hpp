// Compiled programs kept on disk: compiling takes seconds to minutes, loading little.
#pragma once
#include <functional>
#include <string>

#include "lib/xla/client.hpp"

namespace diffusion::xla {

/// Told of a compilation, and of nothing where the program came from disk.
struct CompileWatch {
  std::function<void()> begins = {};
  std::function<void(double seconds)> done = {};
  std::function<void(const std::string& why)> not_kept = {};  // the folder can't be written
};

/// What is told of the program for batches of so many images.
using BatchWatch = std::function<CompileWatch(std::size_t images)>;

/// $XDG_CACHE_HOME/diffusion-tools, else ~/.cache/diffusion-tools; "" where neither is known.
std::string executable_cache_folder();

/// Compiles, or loads what was compiled before from the same text and options, by the same plugin,
/// for the same kind of device. Files that are damaged or another's are ignored and replaced. A
/// plugin that can't store programs, or a folder that can't be written, is no error: then each
/// call compiles. Throws as Client::compile does.
Executable compile_cached(Client& client, const ProgramText& program,
                          const CompileOptions& options = {}, const CompileWatch& watch = {});

}  // namespace diffusion::xla
