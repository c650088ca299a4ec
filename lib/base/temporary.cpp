#include "lib/base/temporary.hpp"

#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>

#include "lib/base/fnv1a.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

/// What process numbers are unique in: the machine, and on it the container.
std::string host_tag() {
  char host[256] = {}, space[256] = {};
  gethostname(host, sizeof host - 1);
  if (readlink("/proc/self/ns/pid", space, sizeof space - 1) < 0) space[0] = '\0';
  char tag[9];
  std::snprintf(tag, sizeof tag, "%08x", unsigned(fnv1a(std::string(host) + '/' + space)));
  return tag;
}

/// ".HOST-": what stands between the target's name and the process.
const std::string& mark() {
  static const std::string text = "." + host_tag() + "-";
  return text;
}

/// What a temporary file's name keeps of its target's, which may leave no room for more: all
/// of it, or so much of the front and its hash.
std::string kept_name(const fs::path& target) {
  constexpr std::size_t most = 255, of_ours = 48, of_hash = 17, of_extension = 16;
  const std::string name = target.filename().string();
  if (name.size() + of_ours <= most) return name;
  std::string extension = target.extension().string();
  if (extension.size() > of_extension) extension.clear();
  std::size_t keep = most - of_ours - of_hash - extension.size();
  while ((std::uint8_t(name[keep]) & 0xc0) == 0x80) --keep;  // no half of a UTF-8 character
  char hash[of_hash + 1];
  std::snprintf(hash, sizeof hash, "~%016llx", static_cast<unsigned long long>(fnv1a(name)));
  return name.substr(0, keep) + hash + extension;
}

struct Temporary {
  std::string target;  // its kept_name
  pid_t process;
};

/// What a file's name says, if it is one of ours.
std::optional<Temporary> parse(std::string_view name) {
  const auto at = name.rfind(mark());
  if (!name.starts_with('.') || at == name.npos || at == 0) return std::nullopt;
  const char *first = name.data() + at + mark().size(), *end = name.data() + name.size();
  pid_t process = 0;
  unsigned number = 0;
  const auto [dash, none] = std::from_chars(first, end, process);
  if (none != std::errc() || process <= 0 || dash == end || *dash != '-') return std::nullopt;
  const auto [rest, bad] = std::from_chars(dash + 1, end, number);
  if (bad != std::errc() || (rest != end && *rest != '.')) return std::nullopt;
  return Temporary{std::string(name.substr(1, at - 1)) + std::string(rest, end), process};
}

bool lives(pid_t process) { return kill(process, 0) == 0 || errno != ESRCH; }

using LeftOvers = std::multimap<std::string, fs::path>;  // by target

LeftOvers left_overs_in(const fs::path& folder) {
  LeftOvers found;
  std::error_code failure;
  fs::directory_iterator at(folder.empty() ? "." : folder, failure);
  for (; !failure && at != fs::directory_iterator(); at.increment(failure)) {
    const auto temporary = parse(at->path().filename().string());
    if (temporary && !lives(temporary->process)) found.emplace(temporary->target, at->path());
  }
  return found;
}

}  // namespace

std::string temporary_name(const std::string& path) {
  static std::atomic<unsigned> counter = 0;
  const fs::path target(path), kept(kept_name(target));
  const std::string unique = mark() + std::to_string(getpid()) + "-" + std::to_string(counter++);
  return (target.parent_path() / ("." + kept.stem().string() + unique + kept.extension().string()))
      .string();
}

void remove_left_overs(const std::string& path) {
  // Once: an output folder of a million files is not to be looked through a million times.
  static std::mutex mutex;
  static std::map<std::string, LeftOvers> folders;
  const fs::path target(path);
  const std::lock_guard lock(mutex);
  auto at = folders.find(target.parent_path().string());
  if (at == folders.end())
    at = folders.emplace(target.parent_path().string(), left_overs_in(target.parent_path())).first;
  const auto [first, last] = at->second.equal_range(kept_name(target));
  for (auto left = first; left != last; ++left) {
    std::error_code ignored;  // what cannot be removed harms nobody
    fs::remove(left->second, ignored);
  }
  at->second.erase(first, last);
}

}  // namespace diffusion
