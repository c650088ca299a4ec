// A file is: a magic word, the key, the length and the SHA-256 of what the plugin gave, and that.
#include "lib/xla/executable_cache.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "lib/base/file.hpp"
#include "lib/base/sha256.hpp"
#include "lib/xla/compile_options.hpp"

namespace diffusion::xla {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view magic = "diffusion-xla 1\n";
constexpr FileLimit most{std::uint64_t(1) << 32, "a compiled program"};

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.finish();
}

/// The instructions that the processor has: a plugin for processors compiles for them.
std::string instructions() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("flags") || line.starts_with("Features")) return line;
  return "";
}

/// Changes with the plugin, whose platform version need not.
std::string stamp_of(const std::string& path) {
  std::error_code none;
  const auto changed = fs::last_write_time(path, none).time_since_epoch().count();
  return std::to_string(fs::file_size(path, none)) + " " + std::to_string(changed);
}

std::string key_of(const Client& client, const ProgramText& program,
                   const CompileOptions& options) {
  Sha256 hash;
  const auto add = [&](const std::string& part) {
    hash.add(std::to_string(part.size()) + ":");  // no two lists of parts are one text
    hash.add(part);
  };
  const std::vector<int> ids = client.device_ids(options);
  add(program.text);
  add(compile_options_proto(options, ids, client.platform()));
  add(client.platform());
  add(client.platform_version());
  add(client.plugin().version());
  add(fs::absolute(client.plugin().path()).string());
  add(stamp_of(client.plugin().path()));
  for (const Device& device : client.devices())
    if (std::ranges::count(ids, device.id)) add(device.kind);
  if (const char* const flags = std::getenv("XLA_FLAGS")) add(flags);
  if (client.platform() == "cpu") add(instructions());
  return hash.finish();
}

std::string header(const std::string& key, std::string_view serialized) {
  return std::string(magic) + key + "\n" + std::to_string(serialized.size()) + "\n" +
         sha256(serialized) + "\n";
}

/// What the plugin gave, if the file holds just that under the key.
std::optional<std::string> stored(const fs::path& path, const std::string& key) {
  std::error_code none;
  if (!fs::is_regular_file(path, none)) return std::nullopt;
  std::string bytes = read_file(path.string(), most);
  const std::string front = std::string(magic) + key + "\n";
  if (!bytes.starts_with(front)) return std::nullopt;
  std::size_t at = front.size();
  for (int line = 0; line < 2; ++line) at = bytes.find('\n', at) + 1;
  const std::string_view serialized = std::string_view(bytes).substr(at);
  if (std::string_view(bytes).substr(0, at) != header(key, serialized)) return std::nullopt;
  return bytes.substr(at);
}

std::optional<Executable> load(Client& client, const fs::path& path, const std::string& key,
                               const ProgramText& program, const CompileOptions& options) {
  try {
    const auto serialized = stored(path, key);
    if (!serialized) return std::nullopt;
    return client.load(*serialized, program.signature, options);
  } catch (const OutOfDeviceMemory&) {
    throw;
  } catch (const Error&) {  // it is compiled again
    return std::nullopt;
  }
}

void store(const Executable& executable, const fs::path& path, const std::string& key,
           const CompileWatch& watch) {
  try {
    const std::string serialized = executable.serialize();
    make_folder(path.parent_path().string());
    AtomicFile file(path.string());
    file.write(header(key, serialized));
    file.write(serialized);
    file.commit();
  } catch (const Unsupported&) {
  } catch (const Error& error) {  // the program runs all the same
    if (watch.not_kept) watch.not_kept(error.what());
  }
}

Executable compile(Client& client, const ProgramText& program, const CompileOptions& options,
                   const CompileWatch& watch) {
  if (watch.begins) watch.begins();
  const auto start = std::chrono::steady_clock::now();
  Executable executable = client.compile(program, options);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  if (watch.done) watch.done(took.count());
  return executable;
}

}  // namespace

std::string executable_cache_folder() {
  // A relative path there is to be ignored (XDG Base Directory Specification).
  if (const char* const cache = std::getenv("XDG_CACHE_HOME"); cache && *cache == '/')
    return (fs::path(cache) / "diffusion-tools").string();
  const char* const home = std::getenv("HOME");
  return home && *home ? (fs::path(home) / ".cache" / "diffusion-tools").string() : "";
}

Executable compile_cached(Client& client, const ProgramText& program, const CompileOptions& options,
                          const CompileWatch& watch) {
  const std::string folder = executable_cache_folder();
  if (folder.empty()) return compile(client, program, options, watch);
  const std::string key = key_of(client, program, options);
  const fs::path path = fs::path(folder) / (key.substr(0, 32) + ".xla");
  if (auto loaded = load(client, path, key, program, options)) return std::move(*loaded);
  Executable executable = compile(client, program, options, watch);
  store(executable, path, key, watch);
  return executable;
}

}  // namespace diffusion::xla
