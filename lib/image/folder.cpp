#include "lib/image/folder.hpp"

#include <algorithm>
#include <filesystem>

#include "lib/base/error.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes a run of digits off the front of `text`, without leading zeros.
std::string_view take_digits(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && is_digit(text[end])) ++end;
  std::string_view digits = text.substr(0, end);
  text.remove_prefix(end);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

class Lister {
 public:
  explicit Lister(fs::path top) : top_(std::move(top)) {}

  std::vector<std::string> list() {
    visit(top_);
    std::ranges::sort(found_, natural_less);
    return std::move(found_);
  }

 private:
  void visit(const fs::path& folder) {
    const fs::path real = fs::canonical(folder);
    if (std::ranges::find(above_, real) != above_.end()) return;  // a link back up
    above_.push_back(real);
    for (const auto& entry : fs::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with('.')) continue;
      std::error_code broken_link;
      if (entry.is_directory(broken_link))
        visit(entry.path());
      else
        found_.push_back(entry.path().lexically_relative(top_).string());
    }
    above_.pop_back();
  }

  fs::path top_;
  std::vector<fs::path> above_;
  std::vector<std::string> found_;
};

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a, whole_b = b;
  const auto rank = [](char c) { return c == '/' ? 0 : int(std::uint8_t(c)); };
  while (!a.empty() && !b.empty()) {
    if (is_digit(a[0]) && is_digit(b[0])) {
      const auto x = take_digits(a), y = take_digits(b);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else if (a[0] == b[0]) {
      a.remove_prefix(1);
      b.remove_prefix(1);
    } else {
      return rank(a[0]) < rank(b[0]);
    }
  }
  if (a.empty() != b.empty()) return a.empty();
  return whole_a < whole_b;  // 01 and 1
}

std::vector<std::string> list_files(const std::string& folder) {
  try {
    return Lister(folder).list();
  } catch (const fs::filesystem_error& e) {
    throw Error(e.path1().string() + ": the folder can't be read (" + e.code().message() + ")");
  }
}

}  // namespace diffusion
