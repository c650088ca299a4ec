#include "lib/base/processors.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <vector>

#include "lib/base/text.hpp"

namespace diffusion {
namespace {

namespace fs = std::filesystem;

/// Which of the two interfaces: version 1 has the quota in the hierarchy that the controller
/// `cpu` is mounted on, version 2 has one hierarchy for all controllers.
enum class Version { one, two };

std::vector<std::string> lines_of(const fs::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

bool lists(const std::string& words, const std::string& word) {
  const auto all = split(words, ',');
  return std::ranges::find(all, word) != all.end();
}

/// /proc/self/cgroup has a line "number:controllers:group" a hierarchy, without controllers
/// in version 2.
std::optional<std::string> group_of(const fs::path& proc, Version version) {
  for (const std::string& line : lines_of(proc / "self/cgroup")) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == line.npos || second == line.npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (version == Version::one ? lists(controllers, "cpu") : line.starts_with("0::"))
      return line.substr(second + 1);
  }
  return std::nullopt;
}

/// Where a hierarchy is seen in the file system, and which of its groups lies there: not the
/// topmost in a container that shares the host's names for groups.
struct Mount {
  fs::path point;
  std::string top;
};

/// In /proc/self/mountinfo, blanks, tabs, line ends and backslashes are octal: "\040".
std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string digits = text.substr(i + 1, 3);
    const bool code = text[i] == '\\' && digits.size() == 3 &&
                      digits.find_first_not_of("01234567") == digits.npos;
    out += code ? char(std::stoi(digits, nullptr, 8)) : text[i];
    if (code) i += 3;
  }
  return out;
}

/// Lines of mountinfo: "36 35 98:0 TOP POINT OPTIONS [TAGS] - TYPE SOURCE OPTIONS".
std::vector<Mount> mounts_of(const fs::path& proc, Version version) {
  const std::string type = version == Version::one ? "cgroup" : "cgroup2";
  std::vector<Mount> mounts;
  for (const std::string& line : lines_of(proc / "self/mountinfo")) {
    const auto words = split(line, ' ');
    const auto dash = std::ranges::find(words, "-");
    if (dash - words.begin() < 6 || words.end() - dash < 4 || dash[1] != type) continue;
    if (version == Version::two || lists(dash[3], "cpu"))
      mounts.push_back({unescaped(words[4]), unescaped(words[3])});
  }
  return mounts;
}

/// The group's path below the mount point, or nothing where the mount does not show it.
std::optional<fs::path> below(const Mount& mount, const std::string& group) {
  const std::string top = mount.top == "/" ? "" : mount.top;
  if (group.find("/..") != group.npos) return std::nullopt;  // "/../sibling"
  if (group == top) return fs::path();
  if (!group.starts_with(top + "/")) return std::nullopt;
  return group.substr(top.size() + 1);
}

std::optional<double> ratio(const std::string& quota, const std::string& period) {
  const auto time = parse_integer(quota), of = parse_integer(period);
  if (!time || !of || *time <= 0 || *of <= 0) return std::nullopt;  // "max" and -1 are no limit
  return double(*time) / double(*of);
}

std::string first_line(const fs::path& path) {
  const auto lines = lines_of(path);
  return lines.empty() ? "" : lines.front();
}

std::optional<double> own_quota(const fs::path& group, Version version) {
  if (version == Version::one)
    return ratio(first_line(group / "cpu.cfs_quota_us"), first_line(group / "cpu.cfs_period_us"));
  const auto words = split(first_line(group / "cpu.max"), ' ');
  return words.size() == 2 ? ratio(words[0], words[1]) : std::nullopt;
}

std::optional<double> tighter(std::optional<double> a, std::optional<double> b) {
  if (a && b) return std::min(*a, *b);
  return a ? a : b;
}

std::optional<double> quota_between(fs::path group, const fs::path& steps, Version version) {
  std::optional<double> quota = own_quota(group, version);
  for (const fs::path& step : steps) {
    group /= step;
    quota = tighter(quota, own_quota(group, version));
  }
  return quota;
}

/// A group that no mount shows is outside of its container, whose group is the best guess.
std::optional<double> quota_of(const fs::path& proc, Version version) {
  const auto mounts = mounts_of(proc, version);
  const auto group = group_of(proc, version);
  if (mounts.empty() || !group) return std::nullopt;
  for (const Mount& mount : mounts)
    if (const auto steps = below(mount, *group)) return quota_between(mount.point, *steps, version);
  return own_quota(mounts.front().point, version);
}

std::string count_of_processors(const std::string& number) {
  return number + (number == "1" ? " processor" : " processors");
}

/// What OpenMP's variable says: a number for each level of nesting, "4,2", of which the
/// first counts here.
std::optional<int> outermost(const char* omp_num_threads) {
  if (omp_num_threads == nullptr) return std::nullopt;
  std::string first = split(omp_num_threads, ',').front();
  std::erase_if(first, [](char c) { return c == ' ' || c == '\t'; });
  const auto number = parse_integer(first);
  if (!number || *number < 1 || *number > 4096) return std::nullopt;
  return int(*number);
}

}  // namespace

std::optional<double> cpu_quota(const std::string& proc) {
  return tighter(quota_of(proc, Version::one), quota_of(proc, Version::two));
}

ThreadChoice choose_threads(int asked, const char* omp_num_threads, const Processors& processors) {
  if (asked > 0) return {asked, "`threads` " + std::to_string(asked)};
  if (const auto number = outermost(omp_num_threads)) return {*number, "OMP_NUM_THREADS"};
  if (const double quota = processors.quota.value_or(processors.allowed);
      quota < processors.allowed)
    return {std::max(1, int(quota)), "cgroup quota " + count_of_processors(significant(quota, 3))};
  if (processors.allowed < processors.machine) return {processors.allowed, "affinity mask"};
  return {processors.allowed, count_of_processors(std::to_string(processors.allowed))};
}

}  // namespace diffusion
