#include "lib/image/labels_beside.hpp"

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

constexpr const char* plain = ".cls";
constexpr const char* json = ".json";

/// "12\n" as 12.
int number_in(const std::string& contents, const std::string& culprit) {
  std::string text = plain_text(contents, culprit);
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos)
    text.pop_back();
  const auto number = parse_integer(text);
  if (number && *number >= 0 && *number <= highest_label) return int(*number);
  constexpr std::size_t enough = 20;
  throw Error(culprit + ": holds \"" + printable(text.substr(0, enough)) +
              (text.size() > enough ? "..." : "") + "\"; a label is a whole number from 0");
}

/// What an object has under the names of labels: a number before anything else.
std::optional<JsonAt> label_in(const Json& read, const std::string& culprit) {
  std::optional<JsonAt> other;
  if (!read.is_object()) return other;
  for (const char* key : {"cls", "label"}) {
    const auto found = JsonAt(read, culprit).find(key);
    if (found && found->json().is_number()) return found;
    if (found && !other) other = found;
  }
  return other;
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
  const std::string key = key_of(name);
  if (extension_of(name) == json) return add_json(key, contents, culprit);
  Label label;
  try {
    label.number = number_in(contents, culprit);
  } catch (const Error& e) {
    label.fault = e.what();
  }
  enter(key, std::move(label), culprit);
  return true;
}

bool LabelsBeside::add_json(const std::string& key, const std::string& contents,
                            const std::string& culprit) {
  Json read;
  try {
    read = parse_json(contents, culprit);
  } catch (const Error& e) {
    broken_.try_emplace(key, e.what());
    return false;
  }
  const auto found = label_in(read, culprit);
  if (!found) return false;
  Label label;
  try {
    label.number = int(found->whole(0, highest_label));
  } catch (const Error& e) {
    label.fault = e.what();
  }
  if (found->json().is_number()) {
    enter(key, std::move(label), culprit);
    return true;
  }
  if (why_no_number_.empty()) {
    first_word_key_ = key;
    why_no_number_ = label.fault;
  }
  return false;
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

void LabelsBeside::refuse_broken(std::span<const std::string> paths) const {
  if (broken_.empty()) return;
  for (const std::string& path : paths) {
    const std::string key = key_of(path);
    const auto found = broken_.find(key);
    if (found != broken_.end() && !labels_.contains(key)) throw Error(found->second);
  }
}

std::string LabelsBeside::why_none(std::span<const std::string> paths) const {
  if (broken_.empty() && why_no_number_.empty()) return "";
  for (const std::string& path : paths) {
    const std::string key = key_of(path);
    if (const auto found = broken_.find(key); found != broken_.end()) return found->second;
    if (key == first_word_key_ && !why_no_number_.empty()) return why_no_number_;
  }
  return "";
}

}  // namespace diffusion
