// Where XLA's plugins lie: pip puts them into folders of Python's packages.
#pragma once
#include <span>
#include <string>
#include <vector>

namespace diffusion::xla {

/// A plugin that is installed. It was not opened.
struct PluginFile {
  std::string family;   // "cuda", "rocm", "oneapi", "tpu", "cpu"; "xla" where it isn't known
  std::string path;     // of the shared library
  std::string version;  // of the package that brought it, "" where that is not told
};

/// Folders of Python's packages, those that come first for `python3` first: of $VIRTUAL_ENV, of
/// $CONDA_PREFIX, beside the python3 in $PATH, the user's, and the system's. Only those there are.
std::vector<std::string> package_folders();

/// $DIFFUSION_XLA_PLUGIN, or "".
std::string plugin_of_environment();

/// That one and those in all package_folders().
std::vector<PluginFile> known_plugins();

/// All plugins in these folders: by folder, and in one the latest versions first.
std::vector<PluginFile> plugins_in(std::span<const std::string> folders);

}  // namespace diffusion::xla
