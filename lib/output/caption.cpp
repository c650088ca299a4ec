#include "lib/output/caption.hpp"

#include <algorithm>

#include "lib/base/text.hpp"

namespace diffusion {

std::string caption(const LevelAsked& asked) {
  const std::string snr = "SNR " + significant(asked.level.snr(), 3);
  if (asked.t == 0) return "t=0\nclean";
  if (asked.t) return "t=" + std::to_string(*asked.t) + "\n" + snr;
  if (asked.name.starts_with("ve-sigma"))
    return "sigma " + significant(asked.level.ve_sigma(), 3) + "\n" + snr;
  if (asked.name.starts_with("lambda"))
    return "lambda " + significant(asked.level.lambda, 3) + "\n" + snr;
  return snr;
}

std::size_t longest_line(std::span<const std::string> captions) {
  std::size_t longest = 0;
  for (const std::string& caption : captions)
    for (const auto& line : split(caption, '\n')) longest = std::max(longest, line.size());
  return longest;
}

std::string padded(const std::string& caption, std::size_t width) {
  const auto lines = split(caption, '\n');
  const std::size_t missing = width - std::min(width, lines[0].size());
  return std::string(missing / 2, ' ') + lines[0] + std::string(missing - missing / 2, ' ') + "\n" +
         (lines.size() > 1 ? lines[1] : "");
}

}  // namespace diffusion
