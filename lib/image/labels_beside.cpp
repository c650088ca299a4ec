#include "lib/image/labels_beside.hpp"

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

constexpr const char* plain = ".cls";
constexpr const char* json = ".json";

/// "12\n" as 12.
int number_in(std::string text, const std::string& culprit) {
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos)
    text.pop_back();
  const auto number = parse_integer(text);
  if (number && *number >= 0 && *number <= highest_label) return int(*number);
  constexpr std::size_t enough = 20;
  throw Error(culprit + ": holds \"" + printable(text.substr(0, enough)) +
              (text.size() > enough ? "..." : "") + "\"; a label is a whole number from 0");
}

/// The number in an object that has one.
std::optional<int> number_in_object(const std::string& text, const std::string& culprit) {
  Json object;
  try {
    object = parse_json(text, culprit);
  } catch (const Error&) {
    return std::nullopt;
  }
  if (!object.is_object()) return std::nullopt;
  for (const char* key : {"cls", "label"})
    if (const auto found = JsonAt(object, culprit).find(key); found && found->json().is_number())
      return int(found->whole(0, highest_label));
  return std::nullopt;
}

}  // namespace

bool LabelsBeside::may_hold(const std::string& name, std::uint64_t bytes) {
  constexpr std::uint64_t most = 1 << 24;
  const std::string extension = extension_of(name);
  return (extension == plain || extension == json) && bytes <= most;
}

std::string LabelsBeside::key_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return path.substr(0, path.find('.', slash == path.npos ? 0 : slash));
}

bool LabelsBeside::add(const std::string& name, const std::string& contents,
                       const std::string& culprit) {
  Label label;
  try {
    if (extension_of(name) == plain) {
      label.number = number_in(contents, culprit);
    } else {
      const auto number = number_in_object(contents, culprit);
      if (!number) return false;
      label.number = *number;
    }
  } catch (const Error& e) {
    label.fault = e.what();
  }
  enter(key_of(name), std::move(label), culprit);
  return true;
}

void LabelsBeside::enter(const std::string& key, Label label, const std::string& culprit) {
  const auto [there, is_new] = labels_.try_emplace(key, label);
  if (is_new || !there->second.fault.empty()) return;
  if (!label.fault.empty())
    there->second.fault = std::move(label.fault);
  else if (there->second.number != label.number)
    there->second.fault = culprit + ": has the label " + std::to_string(label.number) +
                          " where another file of its key has " +
                          std::to_string(there->second.number);
}

std::vector<std::optional<int>> LabelsBeside::of(std::span<const std::string> paths) const {
  std::vector<std::optional<int>> all(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto found = labels_.find(key_of(paths[i]));
    if (found == labels_.end()) continue;
    if (!found->second.fault.empty()) throw Error(found->second.fault);
    all[i] = found->second.number;
  }
  return all;
}

}  // namespace diffusion
