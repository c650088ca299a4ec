#include "lib/train/memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <string>

#include "lib/base/text.hpp"

namespace diffusion {

std::optional<std::size_t> parse_memory(std::string_view text) {
  constexpr std::string_view units = "kMGT";
  const auto unit = text.empty() ? units.npos : units.find(text.back() == 'K' ? 'k' : text.back());
  const auto number = parse_number(unit == units.npos ? text : text.substr(0, text.size() - 1));
  if (!number || !(*number > 0)) return std::nullopt;
  const double bytes = *number * std::pow(1000, unit == units.npos ? 0 : double(unit) + 1);
  if (!(bytes < 0x1p63)) return std::nullopt;
  return std::size_t(bytes);
}

std::size_t half_of_memory() {
  const auto pages = std::max(sysconf(_SC_PHYS_PAGES), 0L), page = sysconf(_SC_PAGESIZE);
  std::size_t all =
      pages > 0 ? std::size_t(pages) * std::size_t(page) : std::numeric_limits<std::size_t>::max();
  std::size_t limit = 0;  // a container's; "max" where there is none
  if (std::ifstream("/sys/fs/cgroup/memory.max") >> limit) all = std::min(all, limit);
  return all / 2;
}

}  // namespace diffusion
